import { plural } from '@/lib/format';
import { ImageInput } from '../fields/ImageInput';
import { ParametersForm } from '../ParametersForm';
import { readVectors } from '../responses';
import { Fingerprint } from '../results/Fingerprint';
import { Result } from '../results/Result';
import { readNumbers } from '../shapes';
import { useImageForm } from '../useImageForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';

/** A picture as numbers. */
export default function ImageFeatureExtraction(props: ViewProps) {
  const { picture, parameters, run, go, form } = useImageForm(props);
  const json = run.exchange?.json;
  return (
    <Workspace {...form} aside={<ParametersForm parameters={parameters} />}>
      <ImageInput {...picture} />
      <Result
        title="Embedding"
        run={run}
        onRetry={() => go()}
        value={readNumbers(json) ?? readVectors(json)?.[0] ?? null}
        note={(vector) => plural(vector.length, 'number')}
        spoken={(vector) => plural(vector.length, 'number')}
      >
        {(vector) => <Fingerprint vector={vector} />}
      </Result>
    </Workspace>
  );
}
