import { Button } from '@mantine/core';
import { IconArrowDown } from '@tabler/icons-react';
import { cx } from '@/components/ui/cx';
import { useStickToEnd } from '@/components/ui/useStickToEnd';
import classes from './LogsTab.module.css';
import { type Line, pieces } from './lines';

interface Props {
  lines: readonly Line[];
  words: string;
  /** Stays at the end while lines come, unless one has scrolled away from it. */
  sticks: boolean;
  note: string;
  isLive: boolean;
}

export function LogLines({ lines, words, sticks, note, isLive }: Props) {
  const { box, isAtEnd, onScroll, toEnd } = useStickToEnd<HTMLElement>(lines, sticks);
  const said = lines.length === 0 && words.trim() !== '' ? 'No matching lines' : note;
  return (
    <div className={classes.panel}>
      <section
        ref={box}
        className={classes.lines}
        aria-label="Log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        onScroll={onScroll}
      >
        {lines.map(({ n, text, tone }) => (
          <div key={n} className={cx(classes.line, classes[tone])}>
            <Marked text={text} words={words} />
          </div>
        ))}
      </section>
      <div className={classes.foot}>
        <span className={cx(classes.dot, isLive && classes.live)} aria-hidden />
        {said}
        {isAtEnd ? null : (
          <Button
            className={classes.down ?? ''}
            variant="default"
            size="sm"
            leftSection={<IconArrowDown size={14} stroke={1.75} aria-hidden />}
            onClick={toEnd}
          >
            Scroll to the end
          </Button>
        )}
      </div>
    </div>
  );
}

function Marked({ text, words }: { text: string; words: string }) {
  return pieces(text, words).map((piece, index) =>
    index % 2 === 0 ? (
      piece
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one line never move
      <mark key={index} className={classes.mark}>
        {piece}
      </mark>
    ),
  );
}
