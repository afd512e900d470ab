import { plural } from '@/lib/format';
import { readVectors } from '../answers';
import { Bench } from '../Bench';
import { PictureInput } from '../fields/PictureInput';
import { ParametersForm } from '../ParametersForm';
import type { Media } from '../requests';
import { Fingerprint } from '../results/Fingerprint';
import { Result } from '../results/Result';
import { readNumbers } from '../shapes';
import { useFieldsBench } from '../useFieldsBench';
import { useSamplePicture } from '../useSamplePicture';
import type { ViewProps } from '../views';

/** A picture as numbers. */
export default function ImageFeatureExtraction(props: ViewProps) {
  const sample = useSamplePicture(props);
  const { fields, parameters, run, go, runButton, bench } = useFieldsBench<{
    media: Media | null;
  }>(props, { media: sample }, ({ media }) => media && { inputs: media });
  const json = run.exchange?.json;
  return (
    <Bench {...bench} aside={<ParametersForm parameters={parameters} />}>
      <PictureInput
        media={fields.media}
        sample={sample}
        onMedia={(media) => go({ media })}
        run={runButton}
      />
      <Result
        title="Its numbers"
        run={run}
        onRetry={() => go()}
        value={readNumbers(json) ?? readVectors(json)?.[0] ?? null}
        note={(vector) => plural(vector.length, 'number')}
        spoken={(vector) => plural(vector.length, 'number')}
      >
        {(vector) => <Fingerprint vector={vector} />}
      </Result>
    </Bench>
  );
}
