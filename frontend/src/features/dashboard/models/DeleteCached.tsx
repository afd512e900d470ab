import { Button, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link } from 'react-router';
import { asProblem } from '@/api/problem';
import { useFreeCached } from '@/api/queries';
import type { CachedModel } from '@/api/types';
import { ProblemCard } from '@/components/ui/ProblemCard';
import { formatBytes } from '@/lib/format';
import classes from './ModelTable.module.css';

/** Asks before it deletes; says who uses the model where it can't be deleted. */
export function DeleteCached({ model }: { model: CachedModel }) {
  const [isOpen, dialog] = useDisclosure(false);
  const isKept = model.used_by.length > 0 || !model.freeable;
  return (
    <>
      <Button
        variant="default"
        size="sm"
        onClick={dialog.open}
        aria-label={`Delete ${model.model_id}`}
      >
        Delete
      </Button>
      <Modal
        opened={isOpen}
        onClose={dialog.close}
        title={isKept ? 'This model cannot be deleted' : 'Delete from the cache'}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {isKept ? (
          <Refusal model={model} onClose={dialog.close} />
        ) : (
          <Confirmation model={model} onClose={dialog.close} />
        )}
      </Modal>
    </>
  );
}

interface Props {
  model: CachedModel;
  onClose: () => void;
}

function Refusal({ model, onClose }: Props) {
  const { model_id, used_by, directory } = model;
  return (
    <div className={classes.dialog}>
      {used_by.length > 0 ? (
        <>
          <p>
            <strong>{model_id}</strong> is used by:
          </p>
          <ul className={classes.names}>
            {used_by.map((name) => (
              <li key={name}>
                <Link to={`/deployments/${encodeURIComponent(name)}/settings`}>{name}</Link>
              </li>
            ))}
          </ul>
          <p>Delete these deployments first.</p>
        </>
      ) : (
        <p>
          <strong>{model_id}</strong> is in the cache of another program, which Slipway reads but
          does not change: <code>{directory}</code>
        </p>
      )}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
      </div>
    </div>
  );
}

function Confirmation({ model, onClose }: Props) {
  const free = useFreeCached();
  return (
    <div className={classes.dialog}>
      {free.error ? <ProblemCard problem={asProblem(free.error)} takesFocus /> : null}
      <p>
        This frees {formatBytes(model.bytes)}. The next deployment of{' '}
        <strong>{model.model_id}</strong> downloads it again.
      </p>
      <div className={classes.buttons}>
        <Button variant="default" onClick={onClose} data-autofocus>
          Cancel
        </Button>
        <Button
          color="red"
          loading={free.isPending}
          onClick={() => free.mutate(model, { onSuccess: onClose })}
        >
          Delete {model.model_id}
        </Button>
      </div>
    </div>
  );
}
