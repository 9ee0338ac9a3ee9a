import Foundation
import Testing

/// The YAML recipes of Examples/scheduling, read by PyYAML and held against what their readers require.
@Suite("YAML of Examples/scheduling")
struct SchedulingFilesTests {
    /// YAML 1.1 reads the key `on` as true, which GitHub does not.
    private static let toJSON = """
        import json, sys, yaml
        document = yaml.safe_load(open(sys.argv[1]))
        if True in document: document["on"] = document.pop(True)
        print("JSON " + json.dumps(document))
        """

    private func document(_ name: String) async throws -> [String: Any] {
        let file = Repository.root.appending(path: "Examples/scheduling/\(name)")
        let python = try await PythonEnvironment.shared.interpreter()
        let process = try await OutsideProgram(python, ["-c", Self.toJSON, file.path])
        let json: String = try await process.firstLine { $0.hasPrefix("JSON ") ? String($0.dropFirst(5)) : nil }
        return try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    }

    @Test(
        "GitHub Actions: scheduled daily and started by hand, with no more rights than needed",
        arguments: ["session-cleanup.yml", "session-cleanup-http.yml"]
    )
    func githubActions(name: String) async throws {
        let workflow = try await document("github-actions/\(name)")
        #expect(Set(workflow.keys).isSubset(of: ["name", "on", "permissions", "concurrency", "jobs"]))
        let on = try #require(workflow["on"] as? [String: Any])
        #expect(Set(on.keys) == ["schedule", "workflow_dispatch"])
        #expect((on["schedule"] as? [[String: String]])?.map { $0["cron"] } == ["0 2 * * *"])
        let permissions = try #require(workflow["permissions"] as? [String: String])
        #expect(permissions.values.allSatisfy { $0 == "read" })
        let jobs = try #require(workflow["jobs"] as? [String: [String: Any]])
        #expect(jobs.count == 1)
        for job in jobs.values {
            #expect(job["runs-on"] is String)
            #expect(job["timeout-minutes"] is Int)
            let steps = try #require(job["steps"] as? [[String: Any]])
            for step in steps {
                #expect((step["uses"] == nil) != (step["run"] == nil))
                // Secrets come by the environment: an expression in a script would be text of the script.
                #expect((step["run"] as? String)?.contains("${{") != true)
            }
            let environments = steps.compactMap { $0["env"] as? [String: String] }
            #expect(environments.contains { $0.values.contains { $0.hasPrefix("${{ secrets.") } })
        }
    }

    @Test("Kubernetes: a CronJob of batch/v1 that gets the secret from a file")
    func cronJob() async throws {
        let resource = try await document("kubernetes/cronjob.yaml")
        #expect(resource["apiVersion"] as? String == "batch/v1")
        #expect(resource["kind"] as? String == "CronJob")
        let spec = try #require(resource["spec"] as? [String: Any])
        #expect(spec["schedule"] as? String == "0 2 * * *")
        #expect(spec["concurrencyPolicy"] as? String == "Forbid")
        let job = try #require((spec["jobTemplate"] as? [String: Any])?["spec"] as? [String: Any])
        let pod = try #require((job["template"] as? [String: Any])?["spec"] as? [String: Any])
        // What podFailurePolicy needs (Kubernetes documentation, "Jobs").
        #expect(pod["restartPolicy"] as? String == "Never")
        let containers = try #require(pod["containers"] as? [[String: Any]])
        let container = try #require(containers.first)
        let settings = "/etc/oidc-sessions/settings.json"
        #expect(container["args"] as? [String] == ["cleanup", "--verbose", "--config", settings])
        let environment = try #require(container["env"] as? [[String: String]])
        let path = try #require(environment.first { $0["name"] == "DATABASE_URL_FILE" }?["value"])
        let mounts = try #require(container["volumeMounts"] as? [[String: Any]])
        for path in [path, settings] {
            #expect(mounts.contains { path.hasPrefix(($0["mountPath"] as? String ?? "-") + "/") })
        }
        let volumes = try #require(pod["volumes"] as? [[String: Any]])
        #expect(Set(volumes.compactMap { $0["name"] as? String }) == Set(mounts.compactMap { $0["name"] as? String }))
    }
}
