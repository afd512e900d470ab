import type { ReactNode } from 'react';
import { CodePanel } from '@/components/ui/CodePanel';
import type { Exchange } from './call';
import { pretty } from './requests';
import { TimingCard } from './TimingCard';
import type { Timing } from './timing';
import classes from './Workspace.module.css';

interface Props {
  /** Input and answer. */
  children: ReactNode;
  /** Beside a picture, which fills its column; what went wrong needs the room below it. */
  answer?: ReactNode;
  hasProblem?: boolean;
  /** Above the timing: parameters. */
  aside?: ReactNode;
  timing: Timing | null;
  isRunning: boolean;
  response: Raw;
  /** What Run would send now. */
  request: string;
  curl: string;
}

export interface Raw {
  text: string;
  isJson: boolean;
  status?: ReactNode;
}

const NOTHING_YET: Raw = { text: 'The raw response appears here.', isJson: false };
// More than this makes the page slow, and nobody reads it here.
const MAX_SHOWN = 20_000;

const cut = (text: string): string =>
  text.length <= MAX_SHOWN
    ? text
    : `${text.slice(0, MAX_SHOWN)}\n… ${(text.length - MAX_SHOWN).toLocaleString('en')} more characters`;

export function rawOf(exchange: Exchange | null): Raw {
  if (exchange === null) return NOTHING_YET;
  const isJson = exchange.json !== undefined;
  return {
    text: cut(isJson ? pretty(exchange.json) : exchange.text),
    isJson,
    status: <StatusLines exchange={exchange} />,
  };
}

/** What a proxy would show of the answer's head. */
function StatusLines({ exchange }: { exchange: Exchange }) {
  return (
    <div className={classes.status}>
      <div>
        {exchange.status} {exchange.statusText}
      </div>
      {exchange.requestId ? <div>x-request-id: {exchange.requestId}</div> : null}
      {exchange.serverTiming ? <div>server-timing: {exchange.serverTiming}</div> : null}
    </div>
  );
}

/** The two columns of every view: ours on paper to the left, the machine's voice to the right. */
export function Workspace({ children, answer, hasProblem = false, aside, ...told }: Props) {
  const { timing, isRunning, response, request, curl } = told;
  return (
    <div className={classes.form}>
      <div className={classes.main}>
        {children}
        {hasProblem ? answer : null}
      </div>
      <div className={classes.aside}>
        {hasProblem ? null : answer}
        {aside}
        <TimingCard timing={timing} isRunning={isRunning} />
        <div className={classes.raw}>
          <CodePanel
            className={classes.panel}
            snippets={[
              {
                label: 'Response',
                code: response.text,
                language: response.isJson ? 'json' : 'text',
              },
              { label: 'Request', code: request, language: 'json' },
              { label: 'curl', code: curl, language: 'bash' },
            ]}
            footer={response.status}
          />
        </div>
      </div>
    </div>
  );
}
