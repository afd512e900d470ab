import { Button, Switch, TextInput } from '@mantine/core';
import { IconDownload, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import type { Deployment } from '@/api/types';
import { ProblemCard } from '@/components/ui/ProblemCard';
import { plural } from '@/lib/format';
import { LogLines } from './LogLines';
import classes from './LogsTab.module.css';
import { matching } from './lines';
import { useDownload } from './useDownload';
import { type Following, useLog } from './useLog';

const WORDS: Record<Following, string> = {
  connecting: 'Opening the log',
  following: 'Live',
  ended: 'The model server that wrote this log has stopped',
  waiting: 'Connection to the log lost; reconnecting',
};

/** What the launch and the server wrote, as they wrote it. */
export function LogsTab({ deployment }: { deployment: Deployment }) {
  const { id, name, state, generation } = deployment;
  const [isFollowed, setIsFollowed] = useState(true);
  const [words, setWords] = useState('');
  const { log, following, problem } = useLog(id, `${generation} ${state}`, isFollowed);
  const download = useDownload(id, `${name}.log`);
  const shown = matching(log.lines, words);
  if (problem && log.lines.length === 0) return <ProblemCard problem={problem} />;
  const found =
    words.trim() === ''
      ? plural(log.lines.length, 'line')
      : `${shown.length.toLocaleString('en')} of ${plural(log.lines.length, 'line')}`;
  return (
    <>
      <div className={classes.bar}>
        <TextInput
          className={classes.search ?? ''}
          leftSection={<IconSearch size={16} stroke={1.75} aria-hidden />}
          aria-label="Search the log"
          placeholder="Search the log"
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <span className={classes.found} role="status">
          {found}
        </span>
        <Switch
          label="Follow"
          checked={isFollowed}
          onChange={(event) => setIsFollowed(event.currentTarget.checked)}
        />
        <Button
          variant="default"
          leftSection={<IconDownload size={16} stroke={1.75} aria-hidden />}
          loading={download.isPending}
          onClick={() => download.mutate()}
        >
          Download
        </Button>
      </div>
      <LogLines
        lines={shown}
        words={words}
        sticks={isFollowed && words.trim() === ''}
        note={isFollowed ? WORDS[following] : 'Live view paused. Select Follow to load new lines'}
        isLive={isFollowed && following === 'following'}
      />
    </>
  );
}
