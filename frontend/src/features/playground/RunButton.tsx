import { Button } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconPlayerStop } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import classes from './InputCard.module.css';

export interface RunProps {
  label?: string;
  isRunning: boolean;
  /** Nothing to send yet. */
  isEmpty?: boolean;
  onRun: () => void;
  onStop: () => void;
}

// An answer within this time would only make the button flicker.
const STOP_AFTER_MS = 400;

function useIsLong(isRunning: boolean): boolean {
  const [isLong, setIsLong] = useState(false);
  useEffect(() => {
    if (!isRunning) return setIsLong(false);
    const timer = setTimeout(() => setIsLong(true), STOP_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isRunning]);
  return isLong;
}

/** Run, and Stop in its place where the answer takes long. Ctrl Enter does the same everywhere. */
export function RunButton({ label = 'Run', isRunning, isEmpty = false, onRun, onStop }: RunProps) {
  const isLong = useIsLong(isRunning);
  useHotkeys([['mod+Enter', () => (isEmpty ? undefined : onRun())]], []);
  return (
    <span className={classes.run}>
      <kbd className={classes.keys}>Ctrl Enter</kbd>
      {isLong && isRunning ? (
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={16} stroke={1.75} aria-hidden />}
          onClick={onStop}
        >
          Stop
        </Button>
      ) : (
        <Button onClick={onRun} disabled={isEmpty}>
          {label}
        </Button>
      )}
    </span>
  );
}
