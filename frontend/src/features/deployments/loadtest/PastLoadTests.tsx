import { UnstyledButton } from '@mantine/core';
import type { LoadTest } from '@/api/types';
import { cx } from '@/components/ui/cx';
import { When } from '@/components/ui/Quantity';
import { Section } from '@/components/ui/Section';
import { formatCount, formatMs } from '@/lib/format';
import { LoadTestBadge } from './LoadTestBadge';
import classes from './LoadTestTab.module.css';

interface Props {
  tests: readonly LoadTest[];
  shown: LoadTest | null;
  onChoose: (test: LoadTest) => void;
}

/** The stored tests, newest first; one is shown above. */
export function PastLoadTests({ tests, shown, onChoose }: Props) {
  return (
    <Section title="All load tests" note={`the last ${tests.length}`}>
      <section
        className={classes.scroll}
        aria-label="Stored load tests"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
      >
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Started</th>
              <th scope="col">State</th>
              <th scope="col">Concurrency</th>
              <th scope="col">Duration</th>
              <th scope="col">Requests per second</th>
              <th scope="col">p95</th>
            </tr>
          </thead>
          <tbody>
            {tests.map((test) => (
              <tr key={test.id} className={cx(test.id === shown?.id && classes.chosen)}>
                <th scope="row">
                  <UnstyledButton
                    className={classes.choose ?? ''}
                    aria-current={test.id === shown?.id}
                    onClick={() => onChoose(test)}
                  >
                    <When at={test.started_at ?? test.created_at} />
                  </UnstyledButton>
                </th>
                <td>
                  <LoadTestBadge state={test.state} variant="plain" />
                </td>
                <td>{test.concurrency}</td>
                <td>{test.seconds} s</td>
                <td>{test.result ? formatCount(test.result.requests_per_second) : '–'}</td>
                <td>
                  {test.result?.latency_ms.p95 != null ? formatMs(test.result.latency_ms.p95) : '–'}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Section>
  );
}
