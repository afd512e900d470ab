import { Button } from '@mantine/core';
import { useRef } from 'react';
import { formatPercent, plural } from '@/lib/format';
import type { Exchange } from '../call';
import { Gaps } from '../Gaps';
import { History } from '../History';
import { InputCard, type Sample } from '../InputCard';
import { ParametersForm } from '../ParametersForm';
import { ResultPanel, Unknown } from '../ResultPanel';
import { readFills } from '../responses';
import { exampleText, lengthNote, useTextForm } from '../useTextForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';

const EITHER = /\[MASK\]|<mask>/g;

function tell({ json }: Exchange) {
  const best = readFills(json)?.map((gap) => gap[0]);
  const [first] = best ?? [];
  if (!best || !first) return null;
  return { answer: best.map((one) => one?.word).join(', '), figure: formatPercent(first.score) };
}

export default function FillMask(props: ViewProps) {
  const { task, info } = props;
  const { text, setText, parameters, run, history, go, form } = useTextForm(props, tell);
  const input = useRef<HTMLTextAreaElement>(null);
  const mask = info?.model?.mask_token ?? '[MASK]';
  const samples: readonly Sample[] = [
    { label: 'Sample', text: exampleText(task.example) },
    { label: 'Two masks', text: `The ${mask} in the old town was surprisingly ${mask}.` },
  ];

  const insert = () => {
    const { current } = input;
    const [from, to] = [
      current?.selectionStart ?? text.length,
      current?.selectionEnd ?? text.length,
    ];
    setText(text.slice(0, from) + mask + text.slice(to));
    requestAnimationFrame(() => {
      current?.focus();
      current?.setSelectionRange(from + mask.length, from + mask.length);
    });
  };

  const gaps = run.exchange ? readFills(run.exchange.json) : null;
  const best = gaps?.map((gap) => gap[0]?.word).join(', ');
  return (
    <Workspace {...form} aside={<ParametersForm parameters={parameters} />}>
      <InputCard
        title="Text with masks"
        note={lengthNote(text, info?.model?.max_input_tokens)}
        inputRef={input}
        value={text}
        onChange={setText}
        placeholder={`The capital of France is ${mask}.`}
        samples={samples}
        onSample={(sample) => go(sample.text)}
        tools={
          <Button variant="default" size="sm" onClick={insert}>
            Insert {mask}
          </Button>
        }
        isRunning={run.isRunning}
        onRun={() => go()}
        onStop={run.stop}
      />
      <ResultPanel
        problem={run.problem}
        note={gaps ? plural(gaps.length, 'gap') : null}
        spoken={best ?? ''}
        onRetry={() => go()}
      >
        {run.exchange === null ? null : gaps ? (
          <Gaps key={run.exchange.requestId} text={run.about ?? ''} mask={EITHER} gaps={gaps} />
        ) : (
          <Unknown />
        )}
      </ResultPanel>
      <History list={history.list} shown={run.about} onPick={go} onClear={history.clear} />
    </Workspace>
  );
}
