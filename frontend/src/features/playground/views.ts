import { lazy } from 'react';
import type { View } from './viewProps';

/** One file per task; a new task adds its line here, and until then it gets the JSON view. */
const VIEWS: Readonly<Record<string, View>> = {
  'text-classification': lazy(() => import('./views/TextClassification')),
  'token-classification': lazy(() => import('./views/TokenClassification')),
  'fill-mask': lazy(() => import('./views/FillMask')),
  'feature-extraction': lazy(() => import('./views/FeatureExtraction')),
  'text-generation': lazy(() => import('./views/TextGeneration')),
  'image-classification': lazy(() => import('./views/ImageClassification')),
  'audio-classification': lazy(() => import('./views/AudioClassification')),
  'question-answering': lazy(() => import('./views/QuestionAnswering')),
  'table-question-answering': lazy(() => import('./views/TableQuestionAnswering')),
  'zero-shot-classification': lazy(() => import('./views/ZeroShotClassification')),
  summarization: lazy(() => import('./views/TextToText')),
  translation: lazy(() => import('./views/TextToText')),
  'text2text-generation': lazy(() => import('./views/TextToText')),
  'sentence-similarity': lazy(() => import('./views/Ranking')),
  'text-ranking': lazy(() => import('./views/Ranking')),
  'object-detection': lazy(() => import('./views/ObjectDetection')),
  'zero-shot-object-detection': lazy(() => import('./views/ObjectDetection')),
  'image-segmentation': lazy(() => import('./views/ImageSegmentation')),
  'mask-generation': lazy(() => import('./views/MaskGeneration')),
  'depth-estimation': lazy(() => import('./views/ImageToImage')),
  'image-to-image': lazy(() => import('./views/ImageToImage')),
  'image-feature-extraction': lazy(() => import('./views/ImageFeatureExtraction')),
  'zero-shot-image-classification': lazy(() => import('./views/ZeroShotImageClassification')),
  'image-to-text': lazy(() => import('./views/ImageToText')),
  'image-text-to-text': lazy(() => import('./views/ImageQuestion')),
  'visual-question-answering': lazy(() => import('./views/ImageQuestion')),
  'document-question-answering': lazy(() => import('./views/ImageQuestion')),
  'video-classification': lazy(() => import('./views/VideoClassification')),
  'keypoint-matching': lazy(() => import('./views/KeypointMatching')),
  decision: lazy(() => import('./views/Decision')),
  'automatic-speech-recognition': lazy(() => import('./views/SpeechRecognition')),
  'text-to-image': lazy(() => import('./views/TextToImage')),
  'text-to-speech': lazy(() => import('./views/TextToSpeech')),
  'zero-shot-audio-classification': lazy(() => import('./views/ZeroShotAudioClassification')),
};

const JsonView: View = lazy(() => import('./views/JsonView'));

export const viewOf = (task: string): View => VIEWS[task] ?? JsonView;
