import { Button, Checkbox } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useWizard } from '../context';
import classes from './DependencyManager.module.css';

/** Risks that a person takes knowingly: one box each, unticked, with the commit that was read. */
export function Consents() {
  const { state, dispatch, detail } = useWizard();
  if (!detail) return null;
  const commit = detail.commit?.slice(0, 7) ?? 'unknown';
  const { safetensors_revision: safer } = detail;
  const refused = detail.pickle?.refused ?? [];
  return (
    <>
      {detail.needs_remote_code ? (
        <Consent
          title="This repository runs its own Python code on this machine."
          text={`Commit ${commit}. Review its .py files first. Deploy pins this commit. On Linux the code has no network access and no access to your files; on other systems it has your user's permissions.`}
          label="Run this repository's code"
          isOn={state.allow.remote_code}
          onChange={(remote_code) => dispatch({ type: 'setAllow', changes: { remote_code } })}
        />
      ) : null}
      {refused.length > 0 ? (
        <Consent
          title="Its weights are pickle files that contain more than tensors. Loading them can run code."
          text={`Commit ${commit} uses ${refused.join(', ')}. Deploy pins this commit.`}
          label="Load the pickle weights without restrictions"
          isOn={state.allow.pickle}
          onChange={(pickle) => dispatch({ type: 'setAllow', changes: { pickle } })}
          instead={
            safer && state.model ? (
              <Button
                variant="default"
                size="sm"
                onClick={() =>
                  state.model &&
                  dispatch({ type: 'choose', model: { ...state.model, revision: safer } })
                }
              >
                Use revision {safer}, which has safetensors
              </Button>
            ) : null
          }
        />
      ) : null}
    </>
  );
}

interface Props {
  title: string;
  text: string;
  label: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  instead?: ReactNode;
}

function Consent({ title, text, label, isOn, onChange, instead }: Props) {
  return (
    <section className={classes.consent} aria-label={label}>
      <IconAlertTriangle size={20} stroke={1.75} aria-hidden />
      <div>
        <strong>{title}</strong>
        <p>{text}</p>
        {instead}
        <Checkbox
          mt={instead ? 'sm' : 0}
          color="red"
          label={label}
          checked={isOn}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      </div>
    </section>
  );
}
