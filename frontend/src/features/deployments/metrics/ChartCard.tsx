import { Card } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import { Swatch } from '@/components/ui/MemoryBar';
import classes from './Charts.module.css';

export interface LegendEntry {
  label: string;
  value?: string;
  color: string;
}

interface Props {
  title: string;
  value: string;
  unit: string;
  legend: readonly LegendEntry[];
  children: ReactNode;
}

/** One number, and its shape over time. */
export function ChartCard({ title, value, unit, legend, children }: Props) {
  const id = useId();
  return (
    <Card component="section" aria-labelledby={id} className={classes.card ?? ''}>
      <div className={classes.head}>
        <h2 id={id} className={classes.title}>
          {title}
        </h2>
        <ul className={classes.legend}>
          {legend.map((entry) => (
            <li key={entry.label}>
              <Swatch color={entry.color} /> {entry.label}
              {entry.value === undefined ? null : <strong>{entry.value}</strong>}
            </li>
          ))}
        </ul>
      </div>
      <p className={classes.number}>
        <strong>{value}</strong> <span>{unit}</span>
      </p>
      <div className={classes.chart}>{children}</div>
    </Card>
  );
}
