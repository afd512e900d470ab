import {
  IconBook2,
  IconChartLine,
  IconChevronRight,
  IconLayoutDashboard,
  IconMessage2,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Deployment } from '@/api/types';
import type { Icon } from '@/components/ui/states';
import classes from './NextSteps.module.css';

/** Where one may go from here. */
export function NextSteps({ deployment }: { deployment: Deployment }) {
  const { name, url, port } = deployment;
  const isOwnPort = url !== null && new URL(url).port === String(port);
  const page = `/deployments/${encodeURIComponent(name)}`;
  return (
    <nav className={classes.steps} aria-label="Next steps">
      <Link className={classes.step} to={`/test/${encodeURIComponent(name)}`}>
        <Words
          icon={IconMessage2}
          title="Try it in the playground"
          text="See responses and timings"
        />
      </Link>
      {url === null ? null : (
        <a className={classes.step} href={`${url}/docs`} target="_blank" rel="noreferrer">
          <Words
            icon={IconBook2}
            title="Open its API docs"
            text={isOwnPort ? `Swagger UI on port ${port}` : 'Swagger UI'}
          />
        </a>
      )}
      <Link className={classes.step} to={`${page}/metrics`}>
        <Words icon={IconChartLine} title="View its metrics" text="Requests, latency, memory" />
      </Link>
      <Link className={classes.step} to={page}>
        <Words
          icon={IconLayoutDashboard}
          title="Open its page"
          text="Logs, pause, restart, delete"
        />
      </Link>
    </nav>
  );
}

interface WordsProps {
  icon: Icon;
  title: string;
  text: ReactNode;
}

const Words = ({ icon: StepIcon, title, text }: WordsProps) => (
  <>
    <StepIcon size={20} stroke={1.75} aria-hidden className={classes.icon} />
    <span className={classes.words}>
      <span className={classes.title}>{title}</span>
      <span className={classes.text}>{text}</span>
    </span>
    <IconChevronRight size={16} stroke={1.75} aria-hidden className={classes.arrow} />
  </>
);
