import type { Deployment } from '@/api/types';
import classes from './Subtitle.module.css';

/** "Qwen/Qwen2.5-1.5B-Instruct · text-generation · port 8102": as much of it as is known. */
export function Subtitle({ deployment, more }: { deployment: Deployment; more?: string | null }) {
  const { model, request, port } = deployment;
  const parts = [
    model?.id ?? request.model_id,
    model?.task ?? request.task,
    port === null ? null : `port ${port}`,
    more,
  ];
  const text = parts.filter(Boolean).join(' · ');
  return (
    <span className={classes.subtitle} title={text}>
      {text}
    </span>
  );
}
