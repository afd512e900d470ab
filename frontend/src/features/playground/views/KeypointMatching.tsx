import { Button, Card } from '@mantine/core';
import { useMemo } from 'react';
import { plural } from '@/lib/format';
import { partsOf } from '../example';
import { FileButton } from '../FileButton';
import { IMAGE_TYPES } from '../fields/ImageInput';
import card from '../fields/ImageInput.module.css';
import { LabelBars } from '../LabelBars';
import footClasses from '../MediaFoot.module.css';
import { mediaOfBase64, mediaOfFile } from '../media';
import { ParametersForm } from '../ParametersForm';
import { RunButton } from '../RunButton';
import type { Media } from '../requests';
import { Pair } from '../results/Pair';
import { Result } from '../results/Result';
import { readMatches } from '../shapes';
import { useFieldsForm } from '../useFieldsForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';

interface Fields {
  first: Media | null;
  second: Media | null;
}

/** Two pictures, and lines between the places that they share. */
export default function KeypointMatching(props: ViewProps) {
  const { example } = props.task;
  const sample = useMemo<Fields>(() => {
    const { inputs } = partsOf(example);
    return {
      first: mediaOfBase64(inputs.image_0, 'image/png', 'first.png'),
      second: mediaOfBase64(inputs.image_1, 'image/png', 'second.png'),
    };
  }, [example]);
  const { fields, parameters, run, go, runButton, form } = useFieldsForm<Fields>(
    props,
    sample,
    ({ first, second }) => first && second && { inputs: { image_0: first, image_1: second } },
  );
  const isAnswered = run.about?.first === fields.first && run.about?.second === fields.second;
  const matches = isAnswered ? readMatches(run.exchange?.json) : null;
  return (
    <Workspace
      {...form}
      answer={
        <Result
          title={matches ? plural(matches.length, 'match', 'matches') : 'Matches'}
          run={run}
          onRetry={() => go()}
          value={matches}
          spoken={(all) => `${plural(all.length, 'match', 'matches')} found`}
        >
          {(all) =>
            all.length > 0 ? (
              <LabelBars labels={all} chosen={-1} />
            ) : (
              <p>The model found no matching points.</p>
            )
          }
        </Result>
      }
      aside={<ParametersForm parameters={parameters} />}
    >
      <Card className={card.card} padding={16}>
        <Pair first={fields.first} second={fields.second} matches={matches ?? []} />
        <div className={footClasses.foot}>
          <FileButton
            label="Choose the first image"
            accept={IMAGE_TYPES}
            onFile={(file) => go({ first: mediaOfFile(file) })}
          />
          <FileButton
            label="Choose the second"
            accept={IMAGE_TYPES}
            onFile={(file) => go({ second: mediaOfFile(file) })}
          />
          {fields.first === sample.first && fields.second === sample.second ? null : (
            <Button variant="default" onClick={() => go(sample)}>
              Sample
            </Button>
          )}
          <RunButton {...runButton} />
        </div>
      </Card>
    </Workspace>
  );
}
