import { memo, useState, useSyncExternalStore } from 'react';
import { CopyButton } from '@/components/ui/CopyButton';
import { cx } from '@/components/ui/cx';
import { useStickToEnd } from '@/components/ui/useStickToEnd';
import { clockSeconds } from '@/lib/time';
import classes from './LogPanel.module.css';
import type { LogLine } from './lines';
import { createLogStore, type ShownLog } from './logStore';

const asText = (lines: readonly LogLine[]): string =>
  lines.map(({ time, text }) => (time === null ? text : `${time}  ${text}`)).join('\n');

/** The log of the attempt, verbatim, following its end until one scrolls up. Many lines: it is painted for its own news only. */
export const LogPanel = memo(({ id }: { id: string }) => {
  const [follower] = useState(() => createLogStore(id));
  const shown = useSyncExternalStore(follower.subscribe, follower.get);
  const { lines } = shown.log;
  const { box, isAtEnd, onScroll, toEnd } = useStickToEnd<HTMLElement>(lines);
  return (
    <section className={classes.panel} aria-label="Log">
      <div className={classes.bar}>
        <h2 className={classes.title}>Log</h2>
        <div className={classes.right}>
          <Following shown={shown} isAtEnd={isAtEnd} toEnd={toEnd} />
          <CopyButton
            value={asText(lines)}
            label="Copy"
            what="log"
            size="sm"
            className={classes.copy ?? ''}
          />
        </div>
      </div>
      <section
        ref={box}
        onScroll={onScroll}
        className={classes.lines}
        aria-label="Log lines"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
      >
        {lines.length === 0 ? <p className={classes.dim}>{EMPTY[shown.state]}</p> : null}
        {lines.map((line) => (
          <div key={line.n} className={cx(classes.line, classes[line.tone])}>
            {line.time === null ? null : <span className={classes.dim}>{line.time}</span>}
            <span>{line.text}</span>
          </div>
        ))}
      </section>
    </section>
  );
});
LogPanel.displayName = 'LogPanel';

const EMPTY: Record<ShownLog['state'], string> = {
  connecting: 'Opening the log',
  following: 'No output yet',
  waiting: 'The log cannot be reached; retrying',
  ended: 'No output',
  missing: 'No log',
};

interface FollowingProps {
  shown: ShownLog;
  isAtEnd: boolean;
  toEnd: () => void;
}

function Following({ shown, isAtEnd, toEnd }: FollowingProps) {
  if (!isAtEnd && shown.state === 'following') {
    return (
      <button type="button" className={classes.jump} onClick={toEnd}>
        Scroll to the end
      </button>
    );
  }
  switch (shown.state) {
    case 'following':
      return (
        <span className={classes.state}>
          <span className={classes.dot} aria-hidden="true" />
          Live
        </span>
      );
    case 'waiting':
      return <span className={classes.state}>Reconnecting</span>;
    case 'ended':
      return (
        <span className={classes.state}>Ended{shown.endedAt === null ? '' : endOf(shown)}</span>
      );
    default:
      return null;
  }
}

/** The time of the last line that has one: the stream may have been read long after it. */
function endOf({ log, endedAt }: ShownLog): string {
  const last = log.lines.findLast((line) => line.time !== null)?.time;
  return ` ${last ?? clockSeconds(new Date(endedAt ?? 0).toISOString())}`;
}
