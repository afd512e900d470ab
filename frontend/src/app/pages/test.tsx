import { PlaygroundPage } from '@/features/playground/PlaygroundPage';

export const Component = PlaygroundPage;
