import { Button } from '@mantine/core';
import { IconDownload, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useDecoded } from '../audio/useDecoded';
import { usePlayer } from '../audio/usePlayer';
import { Waveform } from '../audio/Waveform';
import { useObjectUrl } from '../useObjectUrl';
import type { Outcome } from '../useRun';
import classes from './FileResult.module.css';
import { Result } from './Result';

const icon = { size: 16, stroke: 1.75, 'aria-hidden': true } as const;

interface Props {
  run: Outcome;
  onRetry: () => void;
}

/** A sound that the model made, to see, to hear and to keep. */
export function AudioResult({ run, onRetry }: Props) {
  const file = run.exchange?.file ?? null;
  const decoded = useDecoded(file);
  const length = decoded ? `${decoded.seconds.toFixed(1)} s` : '';
  return (
    <Result
      title="Audio"
      run={run}
      onRetry={onRetry}
      value={file}
      note={() => length}
      spoken={() => `Audio, ${length}`}
    >
      {(sound) => (
        <Player
          sound={sound}
          samples={decoded?.samples ?? null}
          label={`Waveform of the response, ${length}`}
        />
      )}
    </Result>
  );
}

interface PlayerProps {
  sound: Blob;
  samples: Float32Array | null;
  label: string;
}

function Player({ sound, samples, label }: PlayerProps) {
  const player = usePlayer(sound);
  const url = useObjectUrl(sound);
  const Icon = player.isPlaying ? IconPlayerPause : IconPlayerPlay;
  return (
    <>
      <Waveform samples={samples} position={player.position} label={label} />
      <div className={classes.tools}>
        <Button leftSection={<Icon {...icon} />} variant="default" onClick={player.toggle}>
          {player.isPlaying ? 'Pause' : 'Play'}
        </Button>
        <Button
          component="a"
          href={url ?? ''}
          download="answer.wav"
          variant="default"
          leftSection={<IconDownload {...icon} />}
        >
          Download
        </Button>
      </div>
    </>
  );
}
