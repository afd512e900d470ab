import { Button, Textarea } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import { type KeyboardEvent, useState } from 'react';
import classes from './Chat.module.css';

interface Props {
  isRunning: boolean;
  note: string;
  onSend: (text: string) => void;
  onStop: () => void;
}

/** Where one writes. Stop sits where Send was. */
export function Composer({ isRunning, note, onSend, onStop }: Props) {
  const [draft, setDraft] = useState('');
  const send = () => {
    if (draft.trim() === '' || isRunning) return;
    onSend(draft.trim());
    setDraft('');
  };
  const press = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <div className={classes.composer}>
      <div className={classes.line}>
        <Textarea
          autosize
          minRows={1}
          maxRows={8}
          variant="unstyled"
          className={classes.draft ?? ''}
          aria-label="Message"
          placeholder="Write a message"
          value={draft}
          onChange={(event) => setDraft(event.currentTarget.value)}
          onKeyDown={press}
        />
        {isRunning ? (
          <Button
            variant="default"
            leftSection={<IconPlayerStop size={16} stroke={1.75} aria-hidden />}
            onClick={onStop}
          >
            Stop
          </Button>
        ) : (
          <Button onClick={send} disabled={draft.trim() === ''}>
            Send
          </Button>
        )}
      </div>
      <div className={classes.hints}>
        <span>Enter sends, Shift Enter for a new line</span>
        <span>{note}</span>
      </div>
    </div>
  );
}
