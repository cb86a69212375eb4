using Amazon.Runtime;
using Amazon.S3;
using Azure;
using Azure.Storage.Blobs;
using CloudStorage;
using Spn.Orleans.Tests.Cluster;
using Xunit;

namespace Spn.Orleans.Tests.Storage;

/// <summary>The samples of storage in clouds, with a fake server.</summary>
public sealed class CloudStorageTests
{
    [Fact]
    public async Task A_job_runs_on_S3()
    {
        using FakeCloud cloud = new("/masks");
        using AmazonS3Client client = ClientOf(cloud);
        await RunAsync(cloud, new S3Storage(client, "masks", "data/"));
        await Assert.ThrowsAsync<AmazonS3Exception>(() => new S3Storage(client, "other").ReadAsync("a", default));
    }

    [Fact]
    public async Task A_job_runs_on_Azure_Blob_Storage()
    {
        using FakeCloud cloud = new("/account/masks");
        await RunAsync(cloud, new BlobStorage(new BlobContainerClient(new Uri($"{cloud.Address}/account/masks")), "data/"));
        BlobStorage other = new(new BlobContainerClient(new Uri($"{cloud.Address}/account/other")));
        await Assert.ThrowsAsync<RequestFailedException>(() => other.ReadAsync("a", default));
    }

    private static AmazonS3Client ClientOf(FakeCloud cloud)
        => new(
            new BasicAWSCredentials("key", "secret"),
            new AmazonS3Config { ServiceURL = cloud.Address, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });

    private static async Task RunAsync(FakeCloud cloud, IJobStorage storage)
    {
        Assert.Null(await storage.ReadAsync("a/none.jpg", default));
        await storage.WriteAsync("empty", default, default);
        Assert.Empty((await storage.ReadAsync("empty", default))!);

        using TemporaryFolder folder = new();
        string manifest = Manifests.OfScenes(folder, 8);
        foreach (string file in Directory.GetFiles(folder.Path, "*.*", SearchOption.AllDirectories).Where(file => file != manifest))
            await storage.WriteAsync(Path.GetRelativePath(folder.Path, file), await File.ReadAllBytesAsync(file), default);
        await using Silos silos = await Silos.StartAsync(2, storage);
        cloud.Fail(calls: 2);
        await silos.Jobs.SubmitAsync(manifest, "job", new RefineJobOptions(), shardSize: 3);
        RefineJobStatus status = await silos.FinishAsync("job");
        Assert.Equal((8, 0), (status.Done, status.Failed));
        Assert.Empty((await JobVerification.VerifyAsync(storage, "job")).Problems);
        Assert.Contains("data/refined/7.png", cloud.Names);
        Assert.Contains("data/job/summary.json", cloud.Names);
    }
}
