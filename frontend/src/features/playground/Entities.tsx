import { cx } from '@/components/ui/cx';
import { formatPercent } from '@/lib/format';
import classes from './Entities.module.css';
import { type Entity, spansOf } from './responses';

const LOOKS = [classes.solid, classes.dashed, classes.dotted, classes.double] as const;

/** One look for each label, in the order of the text. The word beside it says the same. */
function looksOf(entities: readonly Entity[]): Map<string, string> {
  const labels = [...new Set(entities.map(({ label }) => label.replace(/^[BI]-/, '')))];
  return new Map(labels.map((label, index) => [label, LOOKS[index % LOOKS.length] ?? '']));
}

interface Props {
  text: string;
  entities: readonly Entity[];
}

function lookOf(entities: readonly Entity[]) {
  const looks = looksOf(entities);
  return ({ label }: Entity) => looks.get(label.replace(/^[BI]-/, ''));
}

/** The text with its entities marked where they stand. */
export function Marked({ text, entities }: Props) {
  const look = lookOf(entities);
  let offset = 0;
  return (
    <p className={classes.text}>
      {spansOf(text, entities).map(({ text: part, entity }) => {
        const key = offset;
        offset += part.length;
        return entity === null ? (
          part
        ) : (
          <mark key={key} className={cx(classes.mark, look(entity))}>
            {part}
            <span className={classes.label}>{entity.label}</span>
          </mark>
        );
      })}
    </p>
  );
}

/** The marked text, and each entity with its score below. */
export function Entities({ text, entities }: Props) {
  const look = lookOf(entities);
  return (
    <>
      <Marked text={text} entities={entities} />
      {entities.length === 0 ? (
        <p className={classes.none}>The model found no entities in this text.</p>
      ) : (
        <ul className={classes.list}>
          {entities.map((entity, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an answer may name the same word twice
            <li key={index} className={classes.row}>
              <span className={classes.word}>{entity.word}</span>
              <span className={cx(classes.kind, look(entity))}>{entity.label}</span>
              <span className={classes.score}>{formatPercent(entity.score)}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
