import { type DragEvent, useEffect, useRef, useState } from 'react';

const firstOf = (files: FileList | undefined | null, kind: string): File | null =>
  [...(files ?? [])].find((file) => file.type.startsWith(`${kind}/`)) ??
  // Some systems give a dropped file no type; the server looks at the bytes anyway.
  [...(files ?? [])].find((file) => file.type === '') ??
  null;

/** A file by drop anywhere on the place, or by paste anywhere on the page. */
export function useFileInput(kind: 'image' | 'audio' | 'video', take: (file: File) => void) {
  const [isOver, setIsOver] = useState(false);
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const file = firstOf(event.clipboardData?.files, kind);
      if (file) latest.current(file);
    };
    document.addEventListener('paste', paste);
    return () => document.removeEventListener('paste', paste);
  }, [kind]);
  return {
    isOver,
    place: {
      onDragOver: (event: DragEvent) => {
        event.preventDefault();
        setIsOver(true);
      },
      onDragLeave: () => setIsOver(false),
      onDrop: (event: DragEvent) => {
        event.preventDefault();
        setIsOver(false);
        const file = firstOf(event.dataTransfer.files, kind);
        if (file) take(file);
      },
    },
  };
}
