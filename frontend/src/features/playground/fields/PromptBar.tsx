import { Button, SegmentedControl } from '@mantine/core';
import { plural } from '@/lib/format';
import classes from './PromptBar.module.css';
import { hasPrompts, type Prompts } from './prompts';

interface Props {
  prompts: Prompts;
  isInside: boolean;
  onInside: (isInside: boolean) => void;
  onClear: () => void;
}

const KINDS = [
  { value: 'inside', label: 'Inside the object' },
  { value: 'outside', label: 'Outside' },
];

/** What a click on the image means, and what has been clicked. */
export function PromptBar({ prompts, isInside, onInside, onClear }: Props) {
  const { points, box } = prompts;
  const parts = [
    ...(points.length > 0 ? [plural(points.length, 'point')] : []),
    ...(box ? ['1 box'] : []),
  ];
  return (
    <div className={classes.bar}>
      <SegmentedControl
        aria-label="A click is a point"
        size="xs"
        data={KINDS}
        value={isInside ? 'inside' : 'outside'}
        onChange={(kind) => onInside(kind === 'inside')}
      />
      <span className={classes.facts} role="status">
        {hasPrompts(prompts)
          ? parts.join(' and ')
          : 'Click an object, or drag a box around it. Without either, every object is segmented.'}
      </span>
      {hasPrompts(prompts) ? (
        <Button variant="default" size="xs" onClick={onClear}>
          Clear
        </Button>
      ) : null}
    </div>
  );
}
