import { Button, Checkbox, Modal, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconTrash } from '@tabler/icons-react';
import { type SubmitEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { asProblem } from '@/api/problem';
import { useDeleteDeployment } from '@/api/queries';
import type { Deployment } from '@/api/types';
import { ProblemCard } from '@/components/ui/ProblemCard';
import classes from './SettingsTab.module.css';

/** Asks for the name before it deletes: there is no way back. */
export function DeleteDeployment({ deployment }: { deployment: Deployment }) {
  const [isOpen, dialog] = useDisclosure(false);
  return (
    <>
      <Button
        variant="default"
        className={classes.danger ?? ''}
        leftSection={<IconTrash size={16} stroke={1.75} aria-hidden />}
        onClick={dialog.open}
      >
        Delete
      </Button>
      <Modal
        opened={isOpen}
        onClose={dialog.close}
        title={`Delete ${deployment.name}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Confirmation deployment={deployment} onClose={dialog.close} />
      </Modal>
    </>
  );
}

interface Props {
  deployment: Deployment;
  onClose: () => void;
}

function Confirmation({ deployment: { id, name, model }, onClose }: Props) {
  const [typed, setTyped] = useState('');
  const [purges, setPurges] = useState(false);
  const navigate = useNavigate();
  const remove = useDeleteDeployment();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (typed !== name) return;
    remove.mutate({ id, purge: purges }, { onSuccess: () => navigate('/') });
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      {remove.error ? <ProblemCard problem={asProblem(remove.error)} takesFocus /> : null}
      <p>
        The server stops immediately and the endpoint no longer works. Type <strong>{name}</strong>{' '}
        to confirm.
      </p>
      <TextInput
        data-autofocus
        label="Name"
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {model?.source === 'hub' ? (
        <Checkbox
          label="Also delete its weights from the cache"
          checked={purges}
          onChange={(event) => setPurges(event.currentTarget.checked)}
        />
      ) : null}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" color="red" disabled={typed !== name} loading={remove.isPending}>
          Delete {name}
        </Button>
      </div>
    </form>
  );
}
