import { Button, NumberInput, SegmentedControl, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { asProblem } from '@/api/problem';
import { useStartLoadTest, useTasks } from '@/api/queries';
import type { Deployment } from '@/api/types';
import { ProblemCard } from '@/components/ui/ProblemCard';
import { Section } from '@/components/ui/Section';
import { stateView } from '@/components/ui/states';
import { formatBytes } from '@/lib/format';
import classes from './LoadTestTab.module.css';
import { bodyOf, FIRST, type Form, formProblem, type Input } from './request';

const INPUTS = [
  { value: 'sample', label: 'Sample' },
  { value: 'json', label: 'JSON' },
  { value: 'file', label: 'File' },
] as const;

interface Props {
  deployment: Deployment;
  isBusy: boolean;
  onStarted: () => void;
}

export function LoadTestForm({ deployment, isBusy, onStarted }: Props) {
  const [form, setForm] = useState(FIRST);
  const start = useStartLoadTest(deployment.id);
  const set = (changes: Partial<Form>) => setForm((old) => ({ ...old, ...changes }));
  const isRunning = deployment.state === 'running';
  const problem = formProblem(form);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    start.mutate(await bodyOf(form), { onSuccess: onStarted });
  };
  return (
    <Section title="Load test">
      <form className={classes.form} onSubmit={submit}>
        <div className={classes.numbers}>
          <NumberInput
            label="Concurrency"
            description="Requests at a time."
            min={1}
            max={128}
            allowDecimal={false}
            clampBehavior="strict"
            value={form.concurrency ?? ''}
            onChange={(value) => set({ concurrency: Number(value) || null })}
          />
          <NumberInput
            label="Duration"
            description="At most 120 s."
            suffix=" s"
            min={1}
            max={120}
            allowDecimal={false}
            clampBehavior="strict"
            value={form.seconds ?? ''}
            onChange={(value) => set({ seconds: Number(value) || null })}
          />
        </div>
        <InputFields deployment={deployment} form={form} set={set} />
        {start.error ? <ProblemCard problem={asProblem(start.error)} takesFocus /> : null}
        <div className={classes.foot}>
          <Button
            type="submit"
            disabled={!isRunning || isBusy || problem !== null}
            loading={start.isPending}
          >
            Start load test
          </Button>
          <p className={classes.note}>
            {reasonOf(isRunning ? null : stateView(deployment).label, isBusy, problem)}
          </p>
        </div>
      </form>
    </Section>
  );
}

function reasonOf(state: string | null, isBusy: boolean, problem: string | null): string {
  if (state !== null) return `The deployment is not running: ${state}.`;
  if (isBusy) return 'A load test is under way.';
  return problem ?? '';
}

interface FieldProps {
  deployment: Deployment;
  form: Form;
  set: (changes: Partial<Form>) => void;
}

/** What is sent; a file only where the task takes one. */
function InputFields({ deployment, form, set }: FieldProps) {
  const { data: tasks } = useTasks();
  const task = tasks?.find(({ name }) => name === deployment.model?.task);
  const kind = task?.input && task.input !== 'json' ? task.input : null;
  return (
    <>
      <div>
        <p className={classes.label} id="input-label">
          Input
        </p>
        <SegmentedControl
          aria-labelledby="input-label"
          data={INPUTS.filter(({ value }) => value !== 'file' || kind !== null)}
          value={form.input}
          onChange={(value) => set({ input: value as Input })}
        />
      </div>
      {form.input === 'sample' ? (
        <p className={classes.note}>
          Samples of the task, texts with 8 to 192 words. Prepare measures with the same.
        </p>
      ) : null}
      {form.input === 'json' ? (
        <Textarea
          label="Request bodies"
          description="Body of a request to /predict, or a list of bodies that are sent in turns."
          placeholder='[{"inputs": "…"}, {"inputs": "…"}]'
          autosize
          minRows={4}
          maxRows={14}
          spellCheck={false}
          classNames={{ input: classes.json ?? '' }}
          value={form.json}
          onChange={(event) => set({ json: event.currentTarget.value })}
        />
      ) : null}
      {form.input === 'file' && kind !== null ? (
        <div>
          <label className={classes.label} htmlFor="load-test-file">
            File
          </label>
          <input
            id="load-test-file"
            className={classes.file}
            type="file"
            accept={`${kind}/*`}
            onChange={(event) => set({ file: event.currentTarget.files?.[0] ?? null })}
          />
          {form.file ? <p className={classes.note}>{formatBytes(form.file.size)}</p> : null}
        </div>
      ) : null}
    </>
  );
}
