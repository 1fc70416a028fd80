namespace ActorPerf.Storage.PostgreSql;

/// <summary>The invariants of jobs that wait for others.</summary>
internal static class PostgresGraphVerify
{
    public static IReadOnlyList<(string Name, string Detail, string Sql)> Checks { get; } =
    [
        ("parents-kept", "What an unfinished job depends on is there.", """
            SELECT child.id::text FROM edge JOIN job child ON child.seq = edge.child_seq LEFT JOIN job parent ON parent.seq = edge.parent_seq
            WHERE child.state < 10 AND parent.seq IS NULL
            """),
        ("held-waits", "A held job waits for a job that has not ended.", """
            SELECT id::text FROM job WHERE state = 0 AND NOT EXISTS (SELECT 1 FROM edge WHERE edge.child_seq = job.seq AND NOT edge.done)
            """),
        ("edges-open", "An open edge leads from a job that has not ended to one that is held.", """
            SELECT edge.parent_seq || ' -> ' || edge.child_seq FROM edge LEFT JOIN job parent ON parent.seq = edge.parent_seq LEFT JOIN job child ON child.seq = edge.child_seq
            WHERE NOT edge.done AND (parent.seq IS NULL OR parent.state >= 10 OR child.seq IS NULL OR child.state <> 0)
            """),
        ("edges-kept", "A job that ran had all its parents' ends as it demanded.", """
            SELECT child.id::text FROM edge JOIN job parent ON parent.seq = edge.parent_seq JOIN job child ON child.seq = edge.child_seq
            WHERE edge.kind = 0 AND child.attempt > 0 AND (parent.state < 10 OR (edge."on" = 0 AND parent.state <> 10))
            """),
        ("edges-counted", "A job has as many dependencies as it says.", """
            SELECT id::text FROM job WHERE parents > 0 AND parents <> (SELECT count(*) FROM edge WHERE edge.child_seq = job.seq AND edge.kind = 0)
            """),
        ("workflows-whole", "A workflow has jobs, and each job that names one belongs to it.", """
            SELECT id::text FROM workflow WHERE NOT EXISTS (SELECT 1 FROM workflow_job w WHERE w.namespace = workflow.namespace AND w.workflow_seq = workflow.seq)
            UNION ALL SELECT job.id::text FROM job WHERE workflow IS NOT NULL AND NOT EXISTS (SELECT 1 FROM workflow_job w WHERE w.job_seq = job.seq)
            """),
    ];
}
