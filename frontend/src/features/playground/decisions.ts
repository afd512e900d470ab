/** Answers to typed questions: yes or no, one of several, how much. */
import { type Fields, isFields, isNumber, isText, type Label } from './responses';

export interface Decided {
  name: string;
  winner: string;
  /** What stands beside the winner. */
  note: string;
  /** Each option with its probability, best first. */
  options: Label[];
}

type Read = (name: string, answer: Fields) => Decided | null;

const share = (score: number): string => `${(100 * score).toFixed(1)}%`;

function optionsOf(answer: Fields): Label[] {
  const found = isFields(answer.probabilities) ? Object.entries(answer.probabilities) : [];
  return found
    .flatMap(([label, score]) => (isNumber(score) ? [{ label, score }] : []))
    .sort((a, b) => b.score - a.score);
}

const yesNo: Read = (name, { noul }) =>
  isNumber(noul)
    ? {
        name,
        winner: noul >= 0.5 ? 'True' : 'False',
        note: `${share(Math.max(noul, 1 - noul))} sure`,
        options: [{ label: 'True', score: noul }],
      }
    : null;

function choice(name: string, answer: Fields): Decided | null {
  const options = optionsOf(answer);
  if (!isText(answer.choice) || options.length === 0) return null;
  return { name, winner: answer.choice, note: `${share(options[0]?.score ?? 0)} sure`, options };
}

/** Levels are named by what they mean, where that is a text. */
function score(name: string, answer: Fields): Decided | null {
  const options = optionsOf(answer);
  if (!isNumber(answer.score) || options.length === 0) return null;
  const legend = isFields(answer.legend) ? answer.legend : {};
  const named = options.map(({ label, score: share }) => {
    const meaning = legend[label];
    return { label: isText(meaning) ? meaning : label, score: share };
  });
  return {
    name,
    winner: answer.score.toFixed(2),
    note: `of ${options.length - 1}, most likely ${named[0]?.label ?? ''}`,
    options: named,
  };
}

const READ: Readonly<Record<string, Read>> = { noul: yesNo, choice, score };

export function readDecisions(json: unknown): Decided[] | null {
  if (!isFields(json)) return null;
  const all = Object.entries(json).map(([name, answer]) =>
    isFields(answer) && isText(answer.type) ? (READ[answer.type]?.(name, answer) ?? null) : null,
  );
  const known = all.filter((one) => one !== null);
  return known.length > 0 && known.length === all.length ? known : null;
}
