import { useTasks } from '@/api/queries';
import type { Deployment } from '@/api/types';
import { sampleFiles } from './examples';
import classes from './SampleFiles.module.css';

/** The files that the examples read, for whoever has none at hand. */
export function SampleFiles({ deployment }: { deployment: Deployment }) {
  const { data: tasks } = useTasks();
  const task = tasks?.find((one) => one.name === deployment.model?.task) ?? null;
  const files = sampleFiles(deployment, task);
  if (files.length === 0) return null;
  return (
    <p className={classes.sample}>
      The examples read {files.map(({ name }) => name).join(' and ')} from the current folder.{' '}
      {files.map(({ name, href }) => (
        <a key={name} href={href} download={name}>
          Save a sample as {name}
        </a>
      ))}
    </p>
  );
}
