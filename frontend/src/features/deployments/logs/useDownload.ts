import { useMutation } from '@tanstack/react-query';
import { rawFetch } from '@/api/client';
import { logUrl } from '@/api/log';
import { ProblemError, problemOf } from '@/api/problem';

const ALL = 10_000;

/** Fetched and not linked: a link could not carry the key. */
export const useDownload = (id: string, name: string) =>
  useMutation({
    mutationFn: async () => {
      const response = await rawFetch(logUrl(id, { tail: ALL }));
      if (!response.ok) throw new ProblemError(await problemOf(response));
      const url = URL.createObjectURL(await response.blob());
      const link = Object.assign(document.createElement('a'), { href: url, download: name });
      link.click();
      URL.revokeObjectURL(url);
    },
  });
