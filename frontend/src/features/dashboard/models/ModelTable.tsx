import { Button } from '@mantine/core';
import { useId } from 'react';
import { Link } from 'react-router';
import { FitBadge } from '@/components/ui/FitBadge';
import { Bytes, When } from '@/components/ui/Quantity';
import { TaskIcon } from '@/components/ui/TaskIcon';
import { DeleteCached } from './DeleteCached';
import classes from './ModelTable.module.css';
import { deployLink, factsOf, type ModelRow, obstacleOf } from './rows';

interface Props {
  title: string;
  rows: readonly ModelRow[];
  /** Cached models have a date of last use and can be deleted. */
  isCache?: boolean;
}

/** One section of the page. Below 1000 px each row becomes a block. */
export function ModelTable({ title, rows, isCache = false }: Props) {
  const id = useId();
  return (
    <section className={classes.section} aria-labelledby={id}>
      <h2 id={id}>
        {title} <span className={classes.count}>{rows.length}</span>
      </h2>
      <div className={classes.frame}>
        <table className={classes.table} aria-labelledby={id}>
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col" className={classes.users}>
                Used by
              </th>
              {isCache ? (
                <th scope="col" className={classes.date}>
                  Last used
                </th>
              ) : null}
              <th scope="col" className={classes.size}>
                Size
              </th>
              <th scope="col" className={classes.fit}>
                Fit
              </th>
              <td className={classes.actions} />
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.cached?.directory ?? row.card.id} row={row} isCache={isCache} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ row, isCache }: { row: ModelRow; isCache: boolean }) {
  const { card, bytes, cached, lastUsedAt } = row;
  const obstacle = obstacleOf(card);
  const { source, id, title, description } = card;
  return (
    <tr>
      <th scope="row">
        <span className={classes.icon}>
          <TaskIcon task={card.task} />
        </span>
        <span className={classes.words}>
          <strong>{source === 'starter' ? title : id}</strong>
          {description ? <span>{description}</span> : null}
          <span className={card.kind ? classes.kind : undefined}>{factsOf(card)}</span>
          {obstacle ? <span>{obstacle}</span> : null}
          {cached?.freeable === false ? <span>In the cache of another program</span> : null}
        </span>
      </th>
      <td data-label="Used by">
        <Users names={card.used_by} />
      </td>
      {isCache ? (
        <td data-label="Last used">{lastUsedAt ? <When at={lastUsedAt} /> : <Dash />}</td>
      ) : null}
      <td data-label="Size" className={classes.size}>
        {bytes === null ? <Dash /> : <Bytes value={bytes} />}
      </td>
      <td data-label="Fit">{obstacle ? <Dash /> : <FitBadge fit={card.fit} />}</td>
      <td className={classes.actions}>
        <div className={classes.buttons}>
          {obstacle ? null : (
            <Button
              component={Link}
              variant="default"
              size="sm"
              to={deployLink(card)}
              aria-label={`Deploy ${id}`}
            >
              Deploy
            </Button>
          )}
          {cached ? <DeleteCached model={cached} /> : null}
        </div>
      </td>
    </tr>
  );
}

const Dash = () => <span className={classes.quiet}>–</span>;

function Users({ names }: { names: readonly string[] }) {
  if (names.length === 0) return <Dash />;
  return (
    <ul className={classes.names}>
      {names.map((name) => (
        <li key={name}>
          <Link to={`/deployments/${encodeURIComponent(name)}`}>{name}</Link>
        </li>
      ))}
    </ul>
  );
}
