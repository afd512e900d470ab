import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { Problem } from '@/api/types';
import { ProblemCard } from '@/components/ui/ProblemCard';
import classes from './Chat.module.css';
import { Composer } from './Composer';
import { type Message, wireOf } from './chat';
import { factsOf, type Generation } from './generation';
import { Instructions } from './Instructions';

interface Props {
  made: Generation | null;
  isRunning: boolean;
  tokenLimit: number;
  contextNote: string;
  /** Sends the conversation; resolves with the answer. */
  onSend: (messages: ReturnType<typeof wireOf>) => Promise<Generation>;
  onStop: () => void;
  onClear: () => void;
}

const STARTERS = ['How do I reset my password?', 'Tell a story about a harbour.'] as const;

export function Chat({ made, isRunning, tokenLimit, contextNote, onSend, onStop, onClear }: Props) {
  const [instructions, setInstructions] = useState('');
  const [messages, setMessages] = useState<readonly Message[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const end = useRef<HTMLDivElement>(null);
  const length = messages.length + (made?.text.length ?? 0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: follows the text while it grows
  useEffect(() => {
    const list = end.current?.parentElement;
    if (list) list.scrollTop = list.scrollHeight;
  }, [length, problem]);

  const ask = async (asked: readonly Message[]) => {
    setMessages(asked);
    setProblem(null);
    const answer = await onSend(wireOf(instructions, asked));
    setProblem(answer.problem);
    if (answer.tokens === 0) return;
    const facts = factsOf(answer, tokenLimit);
    setMessages([...asked, { role: 'assistant', content: answer.text, facts }]);
  };
  const send = (text: string) => ask([...messages, { role: 'user', content: text }]);
  const clear = () => {
    setMessages([]);
    setProblem(null);
    onClear();
  };

  return (
    <section className={classes.chat} aria-label="Conversation">
      <Instructions
        value={instructions}
        onChange={setInstructions}
        {...(messages.length > 0 && !isRunning ? { onClear: clear } : {})}
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <div className={classes.messages} role="log" aria-label="Messages" tabIndex={0}>
        {messages.length === 0 ? <Empty onPick={send} /> : null}
        {messages.map((message, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a conversation only grows at its end
          <Said key={index} message={message} />
        ))}
        {isRunning && made ? <Saying made={made} tokenLimit={tokenLimit} /> : null}
        {problem ? (
          <ProblemCard
            problem={problem}
            actions={
              messages.at(-1)?.role === 'user' ? (
                <Button variant="default" onClick={() => ask(messages)}>
                  Try again
                </Button>
              ) : null
            }
          />
        ) : null}
        <div ref={end} />
      </div>
      <Composer isRunning={isRunning} note={contextNote} onSend={send} onStop={onStop} />
    </section>
  );
}

function Empty({ onPick }: { onPick: (text: string) => void }) {
  return (
    <div className={classes.empty}>
      <p>Each request contains the whole conversation.</p>
      <div className={classes.starters}>
        {STARTERS.map((text) => (
          <Button key={text} variant="default" size="sm" onClick={() => onPick(text)}>
            {text}
          </Button>
        ))}
      </div>
    </div>
  );
}

function Said({ message: { role, content, facts } }: { message: Message }) {
  return role === 'user' ? (
    <div className={classes.theirs}>{content}</div>
  ) : (
    <div className={classes.ours}>
      <p>{content.trim()}</p>
      {facts ? <small>{facts}</small> : null}
    </div>
  );
}

function Saying({ made, tokenLimit }: { made: Generation; tokenLimit: number }) {
  return (
    <div className={classes.ours} aria-busy>
      <p>
        {made.text.trimStart()}
        <span className={classes.cursor} aria-hidden />
      </p>
      <small className={classes.live}>
        {made.tokens === 0 ? 'processing the prompt' : factsOf(made, tokenLimit)}
      </small>
    </div>
  );
}
