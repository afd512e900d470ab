import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { asProblem } from '@/api/problem';
import { useCache, useFreeCached, useModels } from '@/api/queries';
import type { CachedModel } from '@/api/types';
import { FitBadge } from '@/components/ui/FitBadge';
import { PageHeader } from '@/components/ui/PageHeader';
import { ProblemCard } from '@/components/ui/ProblemCard';
import { Bytes } from '@/components/ui/Quantity';
import { RowsSkeleton } from '@/components/ui/Skeletons';
import { TaskIcon } from '@/components/ui/TaskIcon';
import { formatBytes, plural } from '@/lib/format';
import classes from './Plain.module.css';

/** What ships here and what is on disk, who uses it, and how to free it. */
export function Models() {
  const cache = useCache();
  const starters = useModels({ source: 'starter', search: '', task: null });
  const total = (cache.data ?? []).reduce((sum, one) => sum + one.bytes, 0);
  const cards = starters.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <PageHeader
        title="Models"
        subtitle={
          cache.data
            ? `${plural(cache.data.length, 'model')} downloaded, ${formatBytes(total)} on disk`
            : ' '
        }
      />
      <h2 className={classes.heading}>Downloaded</h2>
      {cache.error ? <ProblemCard problem={asProblem(cache.error)} /> : null}
      {cache.isPending ? <RowsSkeleton rows={2} /> : null}
      {cache.data?.length === 0 ? (
        <p className={classes.quiet}>
          None yet. What a deployment downloads stays here, so that the next one starts at once.
        </p>
      ) : null}
      {cache.data && cache.data.length > 0 ? (
        <ul className={classes.list}>
          {cache.data.map((one) => (
            <CachedRow key={`${one.source}:${one.model_id}`} model={one} />
          ))}
        </ul>
      ) : null}
      <h2 className={classes.heading}>Starters</h2>
      {starters.isPending ? <RowsSkeleton rows={4} /> : null}
      <ul className={classes.list}>
        {cards.map((card) => (
          <li key={card.id}>
            <TaskIcon task={card.task} />
            <div className={classes.words}>
              <strong>{card.title}</strong>
              <span>{card.description}</span>
            </div>
            <FitBadge fit={card.fit} className={classes.fit} />
            <Button
              component={Link}
              variant="default"
              size="sm"
              to={`/deploy/review?source=starter&model=${card.id}`}
            >
              Deploy
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}

function CachedRow({ model }: { model: CachedModel }) {
  const free = useFreeCached();
  const isUsed = model.used_by.length > 0;
  return (
    <li>
      <TaskIcon task={null} />
      <div className={classes.words}>
        <strong>{model.model_id}</strong>
        <span>{isUsed ? `Used by ${model.used_by.join(', ')}` : usageOf(model)}</span>
        {free.error ? <span role="alert">{asProblem(free.error).detail}</span> : null}
      </div>
      <span className={classes.size}>
        <Bytes value={model.bytes} />
      </span>
      <Button
        component={Link}
        variant="default"
        size="sm"
        to={`/deploy/review?source=hub&model=${model.model_id}`}
      >
        Deploy
      </Button>
      <Button
        variant="default"
        size="sm"
        disabled={isUsed || !model.freeable}
        loading={free.isPending}
        onClick={() => free.mutate(model)}
      >
        Free {formatBytes(model.bytes)}
      </Button>
    </li>
  );
}

const usageOf = (model: CachedModel): string =>
  model.freeable ? 'Not used by a deployment' : "In another program's cache, which is left alone";
