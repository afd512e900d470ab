import { Button, Card } from '@mantine/core';
import { formatPercent, plural } from '@/lib/format';
import { Answer, Unknown, Winner } from '../Answer';
import { labelText, readLabels } from '../answers';
import { Bench } from '../Bench';
import { FileButton } from '../FileButton';
import { ImageStage } from '../ImageStage';
import { LabelBars } from '../LabelBars';
import footClasses from '../MediaFoot.module.css';
import { ParametersForm } from '../ParametersForm';
import { RunButton } from '../RunButton';
import { useMediaBench } from '../useMediaBench';
import type { ViewProps } from '../views';
import classes from './Media.module.css';

const KINDS = 'image/png,image/jpeg,image/webp,image/gif,image/bmp,image/tiff';

export default function ImageClassification(props: ViewProps) {
  const { media, sample, parameters, run, go, take, bench } = useMediaBench(props, 'sample.png');
  const labels = run.exchange ? readLabels(run.exchange.json) : null;
  const [best] = labels ?? [];
  const answer = (
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
  );
  return (
    <Bench
      {...bench}
      aside={
        <>
          {run.problem ? null : answer}
          <ParametersForm parameters={parameters} />
        </>
      }
    >
      <Card className={classes.card} padding={16}>
        <ImageStage media={media} onFile={take}>
          {(facts) => (
            <div className={footClasses.foot}>
              <FileButton label="Choose a picture" accept={KINDS} onFile={take} />
              {sample && media !== sample ? (
                <Button variant="default" onClick={() => go(sample)}>
                  Sample
                </Button>
              ) : null}
              <span className={footClasses.facts}>or drop, or paste. {facts}</span>
              <RunButton
                isRunning={run.isRunning}
                isEmpty={media === null}
                onRun={() => go()}
                onStop={run.stop}
              />
            </div>
          )}
        </ImageStage>
      </Card>
      {run.problem ? answer : null}
    </Bench>
  );
}
