import { plural } from '@/lib/format';
import { readVectors } from '../answers';
import { Bench } from '../Bench';
import { PictureInput } from '../fields/PictureInput';
import { ParametersForm } from '../ParametersForm';
import { Fingerprint } from '../results/Fingerprint';
import { Result } from '../results/Result';
import { readNumbers } from '../shapes';
import { usePictureBench } from '../usePictureBench';
import type { ViewProps } from '../viewProps';

/** A picture as numbers. */
export default function ImageFeatureExtraction(props: ViewProps) {
  const { picture, parameters, run, go, bench } = usePictureBench(props);
  const json = run.exchange?.json;
  return (
    <Bench {...bench} aside={<ParametersForm parameters={parameters} />}>
      <PictureInput {...picture} />
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
