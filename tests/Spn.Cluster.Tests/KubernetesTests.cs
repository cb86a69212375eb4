using k8s;
using k8s.Models;
using Xunit;

namespace Spn.Cluster.Tests;

/// <summary>The sample manifests for Kubernetes.</summary>
public sealed class KubernetesTests
{
    private static readonly string s_folder = Path.Combine(Repository.Root(), "samples", "Kubernetes");

    [Fact]
    public async Task The_manifests_fit_the_schema_and_each_other()
    {
        string text = await File.ReadAllTextAsync(Path.Combine(s_folder, "spn-cluster.yaml"));
        List<object> objects = KubernetesYaml.LoadAllFromString(text, strict: true); // unknown and doubled properties are refused
        Assert.Equal(
            ["PersistentVolumeClaim", "Deployment", "PodDisruptionBudget", "NetworkPolicy"],
            objects.Cast<IKubernetesObject>().Select(item => item.Kind));

        V1Deployment deployment = objects.OfType<V1Deployment>().Single();
        V1PodSpec pod = deployment.Spec.Template.Spec;
        IDictionary<string, string> labels = deployment.Spec.Template.Metadata.Labels;
        Assert.Equal(labels, deployment.Spec.Selector.MatchLabels);
        Assert.Equal(labels, objects.OfType<V1PodDisruptionBudget>().Single().Spec.Selector.MatchLabels);
        Assert.Equal(labels, objects.OfType<V1NetworkPolicy>().Single().Spec.PodSelector.MatchLabels);
        Assert.Equal(
            objects.OfType<V1PersistentVolumeClaim>().Single().Metadata.Name, Assert.Single(pod.Volumes).PersistentVolumeClaim.ClaimName);

        V1Container silo = Assert.Single(pod.Containers);
        Assert.Equal([11111, 30000, 8080], silo.Ports.Select(port => port.ContainerPort)); // the tool's default ports, and --http
        Assert.Equal("/health/live", silo.LivenessProbe.HttpGet.Path);
        Assert.All([silo.StartupProbe, silo.ReadinessProbe], probe => Assert.Equal("/health/ready", probe.HttpGet.Path));
        Assert.All(
            [silo.StartupProbe, silo.ReadinessProbe, silo.LivenessProbe],
            probe => Assert.Contains(silo.Ports, port => port.Name == (string)probe.HttpGet.Port));
    }

    [Fact]
    public async Task The_tool_knows_the_arguments_of_the_manifests()
    {
        List<object> objects = KubernetesYaml.LoadAllFromString(await File.ReadAllTextAsync(Path.Combine(s_folder, "spn-cluster.yaml")));
        V1Container silo = objects.OfType<V1Deployment>().Single().Spec.Template.Spec.Containers.Single();
        using TemporaryFolder folder = new();
        string[] arguments = [.. silo.Args.Select(argument => argument.Replace("$(POD_IP)", "127.0.0.1").Replace("/data", folder.Path))];
        SpnProcess.Result result = await Tool.Run(folder, [.. arguments, "--database", "nonsense"]);
        Assert.Contains("expected a connection string", result.Errors, StringComparison.Ordinal);
    }
}
