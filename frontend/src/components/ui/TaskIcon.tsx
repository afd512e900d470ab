import {
  IconArrowsExchange,
  IconBoxMultiple,
  IconBubbleText,
  IconCube,
  IconHighlight,
  IconInputSearch,
  IconLanguage,
  IconMessage2,
  IconMicrophone,
  IconPhoto,
  IconPhotoScan,
  IconRoute,
  IconTags,
  IconTextCaption,
  IconVectorTriangle,
  IconVideo,
  IconVolume,
  IconWaveSine,
} from '@tabler/icons-react';
import type { Icon } from './states';
import classes from './TaskIcon.module.css';

const ICONS: Record<string, Icon> = {
  'text-classification': IconTags,
  'token-classification': IconHighlight,
  'zero-shot-classification': IconRoute,
  'fill-mask': IconInputSearch,
  'question-answering': IconInputSearch,
  'text-generation': IconMessage2,
  'text2text-generation': IconArrowsExchange,
  summarization: IconTextCaption,
  translation: IconLanguage,
  'feature-extraction': IconVectorTriangle,
  'sentence-similarity': IconVectorTriangle,
  'text-ranking': IconVectorTriangle,
  'image-classification': IconPhoto,
  'zero-shot-image-classification': IconPhoto,
  'object-detection': IconPhotoScan,
  'image-segmentation': IconBoxMultiple,
  'image-to-text': IconTextCaption,
  'image-text-to-text': IconBubbleText,
  'automatic-speech-recognition': IconMicrophone,
  'audio-classification': IconWaveSine,
  'text-to-speech': IconVolume,
  'video-classification': IconVideo,
};

/** A task's picture in a small box; the task's name always stands beside it. */
export function TaskIcon({ task, size = 32 }: { task: string | null | undefined; size?: number }) {
  const Icon = ICONS[task ?? ''] ?? IconCube;
  return (
    <span className={classes.box} style={{ width: size, height: size }} aria-hidden>
      <Icon size={size >= 34 ? 20 : 18} stroke={1.75} />
    </span>
  );
}
