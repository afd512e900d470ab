import { Tabs } from '@mantine/core';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import classes from './CodePanel.module.css';
import { CopyButton } from './CopyButton';
import { cx } from './cx';
import type { Language } from './highlight';

const Highlighted = lazy(() => import('./Highlighted'));

export interface Snippet {
  label: string;
  code: string;
  language: Language;
}

interface Props {
  /** One snippet shows its label as a title, several show tabs. */
  snippets: readonly [Snippet, ...Snippet[]];
  /** Below the code, on the same panel: a proof, a status line. */
  footer?: ReactNode;
  /** Grow to the height of the grid cell instead of the code's own. */
  fill?: boolean;
  className?: string | undefined;
}

/** The machine's voice: dark in both schemes, verbatim, copyable. */
export function CodePanel({ snippets, footer, fill = false, className }: Props) {
  const [chosen, setChosen] = useState(snippets[0].label);
  const snippet = snippets.find((one) => one.label === chosen) ?? snippets[0];
  return (
    <div className={cx(classes.panel, fill && classes.fill, className)}>
      <Tabs
        value={snippet.label}
        onChange={(label) => label && setChosen(label)}
        classNames={{ root: classes.tabs ?? '', list: classes.list ?? '', tab: classes.tab ?? '' }}
        unstyled
      >
        <div className={classes.bar}>
          {snippets.length === 1 ? (
            <span className={classes.title}>{snippet.label}</span>
          ) : (
            <Tabs.List>
              {snippets.map(({ label }) => (
                <Tabs.Tab key={label} value={label}>
                  {label}
                </Tabs.Tab>
              ))}
            </Tabs.List>
          )}
          <CopyButton
            value={snippet.code}
            label="Copy"
            what={snippet.label}
            size="sm"
            className={classes.copy ?? ''}
          />
        </div>
        {snippets.length === 1 ? (
          <Code snippet={snippet} />
        ) : (
          snippets.map((one) => (
            <Tabs.Panel key={one.label} value={one.label} className={classes.body ?? ''}>
              <Code snippet={one} />
            </Tabs.Panel>
          ))
        )}
      </Tabs>
      {footer ? <div className={classes.footer}>{footer}</div> : null}
    </div>
  );
}

/** Scrolls inside itself; focusable, so that the keyboard can scroll it too. */
export function Code({ snippet }: { snippet: Snippet }) {
  return (
    <section
      className={classes.code}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
      aria-label={snippet.label}
    >
      <pre>
        <Suspense fallback={snippet.code}>
          <Highlighted code={snippet.code} language={snippet.language} />
        </Suspense>
      </pre>
    </section>
  );
}
