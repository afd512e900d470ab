import { Button } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import { InputCard, type Sample } from '../InputCard';
import { ResultPanel } from '../ResultPanel';
import classes from './Chat.module.css';
import own from './Completion.module.css';
import { factsOf, type Generation } from './generation';

interface Props {
  prompt: string;
  onPrompt: (text: string) => void;
  /** The prompt that the text on the page goes on from. */
  asked: string;
  samples: readonly Sample[];
  note: string;
  made: Generation | null;
  isRunning: boolean;
  tokenLimit: number;
  onRun: (text?: string) => void;
  onStop: () => void;
}

/** A text that the model goes on with: the prompt stays dim, what follows is the model's. */
export function Completion(props: Props) {
  const { prompt, asked, made, isRunning, tokenLimit, onRun, onStop } = props;
  return (
    <>
      <InputCard
        title="Prompt"
        note={props.note}
        value={prompt}
        onChange={props.onPrompt}
        placeholder="Once upon a time"
        samples={props.samples}
        onSample={(sample) => onRun(sample.text)}
        isRunning={false}
        onRun={() => onRun()}
        onStop={onStop}
        {...(isRunning
          ? {
              runSlot: (
                <Button
                  variant="default"
                  leftSection={<IconPlayerStop size={16} stroke={1.75} aria-hidden />}
                  onClick={onStop}
                >
                  Stop
                </Button>
              ),
            }
          : {})}
      />
      <ResultPanel
        title="Continuation"
        problem={made?.problem ?? null}
        onRetry={() => onRun()}
        spoken={made?.end === 'whole' ? made.text : ''}
      >
        {made === null ? null : (
          <div className={own.text}>
            <p>
              <span className={own.prompt}>{asked}</span>
              {made.text}
              {isRunning ? <span className={classes.cursor} aria-hidden /> : null}
            </p>
            <small className={isRunning ? own.live : undefined}>
              {made.tokens === 0 && isRunning ? 'processing the prompt' : factsOf(made, tokenLimit)}
            </small>
          </div>
        )}
      </ResultPanel>
    </>
  );
}
