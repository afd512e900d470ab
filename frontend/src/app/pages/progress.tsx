import { DeploymentProgress } from '@/features/progress/DeploymentProgress';

export const Component = DeploymentProgress;
