import { Textarea, TextInput } from '@mantine/core';
import { cx } from '@/components/ui/cx';
import { type Columns, columnsOf, type Grid, gridOf, textOf } from '../csv';
import { partsOf, textIn } from '../example';
import { AskCard } from '../fields/AskCard';
import { ParametersForm } from '../ParametersForm';
import { Winner } from '../ResultPanel';
import { isFields, isText } from '../responses';
import { Result } from '../results/Result';
import { useFieldsForm } from '../useFieldsForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';
import classes from './TableQuestionAnswering.module.css';

interface Told {
  answer: string;
  cells: ReadonlySet<string>;
  aggregator: string;
}

function read(json: unknown): Told | null {
  const one = Array.isArray(json) ? json[0] : json;
  if (!isFields(one) || !isText(one.answer)) return null;
  const cells = Array.isArray(one.coordinates) ? one.coordinates.map(String) : [];
  return {
    answer: one.answer,
    cells: new Set(cells),
    aggregator: isText(one.aggregator) && one.aggregator !== 'NONE' ? one.aggregator : '',
  };
}

/** A question about a table; the cells of the answer are marked. */
export default function TableQuestionAnswering(props: ViewProps) {
  const { inputs } = partsOf(props.task.example);
  const example = {
    query: textIn(inputs, 'query', 'question'),
    table: isFields(inputs.table) ? textOf(inputs.table as Columns) : '',
  };
  const { fields, set, parameters, run, go, runButton, form } = useFieldsForm(
    props,
    example,
    ({ query, table }) =>
      query.trim() && gridOf(table).rows.length > 0
        ? { inputs: { query, table: columnsOf(gridOf(table)) } }
        : null,
  );
  return (
    <Workspace {...form} aside={<ParametersForm parameters={parameters} />}>
      <AskCard
        title="Question"
        samples={[{ label: 'Sample', onPick: () => go(example) }]}
        run={runButton}
      >
        <TextInput
          label="Question"
          value={fields.query}
          onChange={(event) => set({ query: event.currentTarget.value })}
        />
        <Textarea
          label="Table"
          description="One row per line, cells separated by commas or tabs; the first row names the columns"
          autosize
          minRows={4}
          maxRows={16}
          value={fields.table}
          onChange={(event) => set({ table: event.currentTarget.value })}
        />
      </AskCard>
      <Result
        run={run}
        onRetry={() => go()}
        value={read(run.exchange?.json)}
        spoken={({ answer }) => answer}
      >
        {({ answer, aggregator, cells }) => (
          <>
            <Winner sure={aggregator.toLowerCase()}>{answer}</Winner>
            <Marked grid={gridOf(run.about?.table ?? '')} cells={cells} />
          </>
        )}
      </Result>
    </Workspace>
  );
}

/** The table that was asked about; `cells` are "row,column". */
function Marked({ grid, cells }: { grid: Grid; cells: ReadonlySet<string> }) {
  return (
    <section
      className={classes.scroll}
      aria-label="Table"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
    >
      <table className={classes.table}>
        <thead>
          <tr>
            {grid.header.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {grid.rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the rows of one table never move
            <tr key={at}>
              {row.map((cell, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: nor do its cells
                <td key={column} className={cx(cells.has(`${at},${column}`) && classes.marked)}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
