import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useObjectUrl } from '../useObjectUrl';
import type { Outcome } from '../useRun';
import classes from './FileResult.module.css';
import { Result } from './Result';

interface Props {
  title: string;
  /** The picture in the JSON, where the answer is not the picture itself. */
  url?: string | null;
  run: Outcome;
  onRetry: () => void;
}

/** A picture that the model made. */
export function ImageResult({ title, url = null, run, onRetry }: Props) {
  const own = useObjectUrl(run.exchange?.file ?? null);
  return (
    <Result
      title={title}
      run={run}
      onRetry={onRetry}
      value={url ?? own}
      spoken={() => 'The image is displayed'}
    >
      {(shown) => (
        <>
          <img src={shown} alt={title} className={classes.picture} />
          <Button
            component="a"
            href={shown}
            download="answer.png"
            variant="default"
            className={classes.download}
            leftSection={<IconDownload size={16} stroke={1.75} aria-hidden />}
          >
            Download
          </Button>
        </>
      )}
    </Result>
  );
}
