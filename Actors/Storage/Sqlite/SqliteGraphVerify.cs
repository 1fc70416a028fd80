namespace ActorPerf.Storage.Sqlite;

/// <summary>The invariants of jobs that wait for others.</summary>
internal static class SqliteGraphVerify
{
    public static IReadOnlyList<(string Name, string Detail, string Sql)> Checks { get; } =
    [
        ("held-waits", "A held job waits for a job that has not ended.", """
            SELECT lower(hex(id)) FROM job WHERE state = 0 AND NOT EXISTS (SELECT 1 FROM edge WHERE edge.child_seq = job.seq AND edge.done = 0)
            """),
        ("edges-open", "An open edge leads from a job that has not ended to one that is held.", """
            SELECT edge.parent_seq || ' -> ' || edge.child_seq FROM edge LEFT JOIN job parent ON parent.seq = edge.parent_seq LEFT JOIN job child ON child.seq = edge.child_seq
            WHERE edge.done = 0 AND (parent.seq IS NULL OR parent.state >= 10 OR child.seq IS NULL OR child.state <> 0)
            """),
        ("edges-kept", "A job that ran had all its parents' ends as it demanded.", """
            SELECT lower(hex(child.id)) FROM edge JOIN job parent ON parent.seq = edge.parent_seq JOIN job child ON child.seq = edge.child_seq
            WHERE edge.kind = 0 AND child.attempt > 0 AND (parent.state < 10 OR (edge."on" = 0 AND parent.state <> 10))
            """),
        ("edges-counted", "A job has as many dependencies as it says.", """
            SELECT lower(hex(id)) FROM job WHERE parents > 0 AND parents <> (SELECT count(*) FROM edge WHERE edge.child_seq = job.seq AND edge.kind = 0)
            """),
        ("workflows-whole", "A workflow has jobs, and each job that names one belongs to it.", """
            SELECT lower(hex(id)) FROM workflow WHERE NOT EXISTS (SELECT 1 FROM workflow_job WHERE workflow_job.namespace = workflow.namespace AND workflow_seq = workflow.seq)
            UNION ALL SELECT lower(hex(job.id)) FROM job WHERE workflow IS NOT NULL AND NOT EXISTS (SELECT 1 FROM workflow_job WHERE job_seq = job.seq)
            """),
    ];
}
