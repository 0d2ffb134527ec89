/** Makes the address of a target's page from the deployment's. */
export function linkTo(publicUrl: string | undefined): (targetId: string) => string | undefined {
  return (targetId) => publicUrl && `${publicUrl.replace(/\/$/, "")}/targets/${targetId}`;
}
