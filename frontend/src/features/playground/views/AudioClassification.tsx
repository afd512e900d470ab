import { formatPercent, plural } from '@/lib/format';
import { Answer, Unknown, Winner } from '../Answer';
import { labelText, readLabels } from '../answers';
import { AudioInput } from '../audio/AudioInput';
import { Bench } from '../Bench';
import { LabelBars } from '../LabelBars';
import { ParametersForm } from '../ParametersForm';
import { RunButton } from '../RunButton';
import { useMediaBench } from '../useMediaBench';
import type { ViewProps } from '../views';

const MAX_SECONDS = 30;

export default function AudioClassification(props: ViewProps) {
  const { media, sample, parameters, run, go, take, bench } = useMediaBench(props, 'sample.wav');
  const labels = run.exchange ? readLabels(run.exchange.json) : null;
  const [best] = labels ?? [];
  return (
    <Bench {...bench} aside={<ParametersForm parameters={parameters} />}>
      <AudioInput
        media={media}
        sample={sample}
        maxSeconds={Math.min(MAX_SECONDS, props.info?.limits?.max_seconds ?? MAX_SECONDS)}
        onMedia={go}
        onFile={take}
        run={
          <RunButton
            isRunning={run.isRunning}
            isEmpty={media === null}
            onRun={() => go()}
            onStop={run.stop}
          />
        }
      />
      <Answer
        problem={run.problem}
        note={labels ? plural(labels.length, 'label') : null}
        spoken={best ? `${labelText(best.label)}, ${formatPercent(best.score)} sure` : ''}
        onRetry={() => go()}
      >
        {run.exchange === null ? null : best && labels ? (
          <>
            <Winner sure={`${formatPercent(best.score)} sure`}>{labelText(best.label)}</Winner>
            <LabelBars labels={labels} />
          </>
        ) : (
          <Unknown />
        )}
      </Answer>
    </Bench>
  );
}
