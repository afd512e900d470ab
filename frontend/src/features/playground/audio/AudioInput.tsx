import { Button } from '@mantine/core';
import {
  IconMicrophone,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Section } from '@/components/ui/Section';
import { formatBytes } from '@/lib/format';
import { FileButton } from '../FileButton';
import footClasses from '../MediaFoot.module.css';
import type { Media } from '../requests';
import { useFileInput } from '../useFileInput';
import classes from './AudioInput.module.css';
import { useDecoded } from './useDecoded';
import { usePlayer } from './usePlayer';
import { cannotRecord, useRecorder } from './useRecorder';
import { Waveform } from './Waveform';

interface Props {
  media: Media | null;
  sample: Media | null;
  maxSeconds: number;
  onMedia: (media: Media) => void;
  onFile: (file: File) => void;
  run: ReactNode;
}

const KINDS = 'audio/*,video/webm,.wav,.mp3,.ogg,.flac,.m4a,.webm';
const icon = { size: 16, stroke: 1.75, 'aria-hidden': true } as const;
const secondsOf = (value: number): string => `${value.toFixed(1)} s`;

/** A sound by file, drop, paste or microphone, seen as a waveform and heard on a press. */
export function AudioInput({ media, sample, maxSeconds, onMedia, onFile, run }: Props) {
  const decoded = useDecoded(media?.blob ?? null);
  const player = usePlayer(media?.blob ?? null);
  const { place } = useFileInput('audio', onFile);
  const length = decoded ? `, ${secondsOf(decoded.seconds)}` : '';
  const facts = media ? `${media.name}${length}, ${formatBytes(media.blob.size)}` : '';
  return (
    <Section title="Audio" note={facts}>
      <div className={classes.place} {...place}>
        <Waveform
          samples={decoded?.samples ?? null}
          position={player.position}
          label={`Waveform of ${facts || 'no audio yet'}`}
        />
      </div>
      <div className={footClasses.foot}>
        <Button
          variant="default"
          disabled={media === null}
          leftSection={
            player.isPlaying ? <IconPlayerPause {...icon} /> : <IconPlayerPlay {...icon} />
          }
          onClick={player.toggle}
        >
          {player.isPlaying ? 'Pause' : 'Play'}
        </Button>
        <Recorder maxSeconds={maxSeconds} onFile={onFile} />
        <FileButton label="Choose a file" accept={KINDS} onFile={onFile} />
        {sample && media !== sample ? (
          <Button variant="default" onClick={() => onMedia(sample)}>
            Sample
          </Button>
        ) : null}
        {run}
      </div>
    </Section>
  );
}

/** The microphone's button: Record, then Stop with the time; why not, where there is none. */
function Recorder({ maxSeconds, onFile }: Pick<Props, 'maxSeconds' | 'onFile'>) {
  const { seconds, problem, start, stop } = useRecorder(maxSeconds, onFile);
  const why = cannotRecord();
  const told = problem ?? (why && `${why}.`);
  return (
    <>
      {seconds === null ? (
        <Button
          variant="default"
          leftSection={<IconMicrophone {...icon} />}
          disabled={why !== null}
          onClick={start}
        >
          Record
        </Button>
      ) : (
        <Button variant="default" leftSection={<IconPlayerStop {...icon} />} onClick={stop}>
          Stop at {secondsOf(seconds)}
        </Button>
      )}
      {told ? (
        <span className={footClasses.facts} role="status">
          {told}
        </span>
      ) : null}
    </>
  );
}
