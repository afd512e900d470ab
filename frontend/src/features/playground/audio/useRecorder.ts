import { useEffect, useRef, useState } from 'react';

const KINDS = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus'] as const;
const ENDINGS: Readonly<Record<string, string>> = {
  'audio/webm': 'webm',
  'audio/mp4': 'm4a',
  'audio/ogg': 'ogg',
};

/** Why there is no microphone here; null: there may be one. */
export function cannotRecord(): string | null {
  if (!window.isSecureContext) return 'A microphone needs https or localhost';
  if (!navigator.mediaDevices || typeof MediaRecorder === 'undefined') {
    return 'This browser does not support recording';
  }
  return null;
}

const reasonOf = (error: unknown): string => {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError')
    return 'The browser has no permission to use the microphone. Allow it in the site settings.';
  if (name === 'NotFoundError') return 'No microphone was found. Choose a file instead.';
  return 'The microphone could not be opened. Choose a file instead.';
};

async function recordInto(chunks: Blob[], onStop: () => void): Promise<MediaRecorder> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
  const recorder = new MediaRecorder(stream, mimeType ? { mimeType } : {});
  recorder.ondataavailable = ({ data }) => chunks.push(data);
  recorder.onstop = () => {
    for (const track of stream.getTracks()) track.stop();
    onStop();
  };
  recorder.start();
  return recorder;
}

function fileOf(chunks: readonly Blob[], mimeType: string): File {
  const [type = 'audio/webm'] = mimeType.split(';');
  return new File([...chunks], `recording.${ENDINGS[type] ?? 'webm'}`, { type });
}

/** Records from the microphone until it is stopped or `maxSeconds` have passed. */
export function useRecorder(maxSeconds: number, take: (file: File) => void) {
  const [seconds, setSeconds] = useState<number | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const recorder = useRef<MediaRecorder | null>(null);
  const isRecording = seconds !== null;

  const stop = () => {
    if (recorder.current?.state === 'recording') recorder.current.stop();
  };
  const start = async () => {
    setProblem(null);
    const chunks: Blob[] = [];
    try {
      const made = await recordInto(chunks, () => {
        setSeconds(null);
        take(fileOf(chunks, made.mimeType));
      });
      recorder.current = made;
      setSeconds(0);
    } catch (error) {
      setProblem(reasonOf(error));
    }
  };
  useEffect(() => {
    if (!isRecording) return;
    const began = Date.now();
    const timer = setInterval(() => {
      const passed = (Date.now() - began) / 1000;
      setSeconds(passed);
      if (passed >= maxSeconds && recorder.current?.state === 'recording') recorder.current.stop();
    }, 200);
    return () => clearInterval(timer);
  }, [isRecording, maxSeconds]);
  useEffect(
    () => () => {
      const { current } = recorder;
      if (current?.state !== 'recording') return;
      // Nobody waits for it any more; only the microphone has to be let go.
      current.onstop = null;
      for (const track of current.stream.getTracks()) track.stop();
      current.stop();
    },
    [],
  );
  return { seconds, problem, start, stop };
}
