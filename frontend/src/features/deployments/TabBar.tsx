import { NavLink } from 'react-router';
import classes from './TabBar.module.css';

const TABS = ['overview', 'playground', 'metrics', 'load-test', 'logs', 'settings'] as const;
export type Tab = (typeof TABS)[number];

export const isTab = (text: string): text is Tab => TABS.some((tab) => tab === text);

const LABELS: Record<Tab, string> = {
  overview: 'Overview',
  playground: 'Playground',
  metrics: 'Metrics',
  'load-test': 'Load test',
  logs: 'Logs',
  settings: 'Settings',
};

const bring = (link: HTMLAnchorElement | null) => {
  if (link?.ariaCurrent === 'page') link.scrollIntoView({ block: 'nearest', inline: 'center' });
};

/** The tabs are links: each has an address, and Back goes back. */
export function TabBar({ id }: { id: string }) {
  const base = `/deployments/${encodeURIComponent(id)}`;
  return (
    <nav className={classes.bar} aria-label="Deployment">
      {TABS.map((tab) => (
        <NavLink
          key={tab}
          ref={bring}
          end
          to={tab === 'overview' ? base : `${base}/${tab}`}
          preventScrollReset
          className={classes.tab ?? ''}
        >
          {LABELS[tab]}
        </NavLink>
      ))}
    </nav>
  );
}
