import { useEffect, useRef, useState } from 'react';
import { useObjectUrl } from '../useObjectUrl';

/** Plays a blob, and tells how far it is. */
export function usePlayer(blob: Blob | null) {
  const url = useObjectUrl(blob);
  const audio = useRef<HTMLAudioElement | null>(null);
  const [isPlaying, setIsPlaying] = useState(false);
  const [position, setPosition] = useState(0);
  useEffect(() => {
    if (url === null) return;
    const player = new Audio(url);
    audio.current = player;
    let frame = 0;
    const follow = () => {
      setPosition(player.duration > 0 ? player.currentTime / player.duration : 0);
      frame = requestAnimationFrame(follow);
    };
    const rest = () => {
      cancelAnimationFrame(frame);
      setIsPlaying(false);
      setPosition(0);
    };
    player.onplay = () => {
      setIsPlaying(true);
      follow();
    };
    player.onpause = rest;
    player.onended = rest;
    return () => {
      player.pause();
      rest();
      audio.current = null;
    };
  }, [url]);
  const toggle = () => {
    const { current } = audio;
    if (!current) return;
    if (isPlaying) current.pause();
    // A browser that can't play it still sends it.
    else current.play().catch(() => setIsPlaying(false));
  };
  return { isPlaying, position, toggle };
}
