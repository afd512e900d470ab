import { type ReactNode, useEffect } from 'react';
import classes from './PageHeader.module.css';

interface Props {
  title: ReactNode;
  /** The tab's title, if the shown one is not plain text or should say more. */
  tabTitle?: string | undefined;
  badge?: ReactNode;
  subtitle?: ReactNode;
  actions?: ReactNode;
}

export function PageHeader({ title, tabTitle, badge, subtitle, actions }: Props) {
  const tab = tabTitle ?? (typeof title === 'string' ? title : null);
  useEffect(() => {
    if (tab) document.title = `${tab} · Slipway`;
  }, [tab]);
  return (
    <div className={classes.header}>
      <div className={classes.words}>
        <div className={classes.line}>
          <h1 tabIndex={-1}>{title}</h1>
          {badge}
        </div>
        {subtitle ? <div className={classes.subtitle}>{subtitle}</div> : null}
      </div>
      {actions ? <div className={classes.actions}>{actions}</div> : null}
    </div>
  );
}
