import { useEffect, useState } from 'react';

export interface Decoded {
  samples: Float32Array;
  seconds: number;
}

/** The sound as this browser hears it. Null while it works, and for what it can't decode. */
export function useDecoded(blob: Blob | null): Decoded | null {
  const [decoded, setDecoded] = useState<{ blob: Blob; sound: Decoded } | null>(null);
  useEffect(() => {
    if (blob === null || typeof OfflineAudioContext === 'undefined') return;
    let isCurrent = true;
    const read = async () => {
      const context = new OfflineAudioContext(1, 1, 16_000);
      const buffer = await context.decodeAudioData(await blob.arrayBuffer());
      const sound = { samples: buffer.getChannelData(0), seconds: buffer.duration };
      if (isCurrent) setDecoded({ blob, sound });
    };
    // The server may well read what this browser can't; it says so itself if not.
    read().catch(() => undefined);
    return () => {
      isCurrent = false;
    };
  }, [blob]);
  return decoded?.blob === blob ? decoded.sound : null;
}
