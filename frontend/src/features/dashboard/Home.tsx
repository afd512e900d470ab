import { asProblem } from '@/api/problem';
import { useDeployments } from '@/api/queries';
import { ProblemCard } from '@/components/ui/ProblemCard';
import { RowsSkeleton } from '@/components/ui/Skeletons';
import { DeploymentList } from './DeploymentList';
import { EmptyHome } from './EmptyHome';

export function Home() {
  const { data, error, isPending } = useDeployments();
  if (isPending) return <RowsSkeleton rows={6} />;
  // While there is an older list, it stays; the next answer puts it right.
  if (data === undefined) return <ProblemCard problem={asProblem(error)} />;
  return data.length === 0 ? <EmptyHome /> : <DeploymentList deployments={data} />;
}
