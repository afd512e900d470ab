import { DeploymentWizard } from '@/features/wizard/DeploymentWizard';

export const Component = DeploymentWizard;
