using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Spn.Server.Requests;
using Xunit;

namespace Spn.Server.Tests.Requests;

public sealed class FormTests
{
    [Fact]
    public async Task A_full_disk_is_no_fault_of_the_client()
    {
        IOptions<SpnServerOptions> options = Options.Create(new SpnServerOptions());
        DefaultHttpContext context = new();
        context.Request.ContentType = "multipart/form-data; boundary=b";
        context.Request.Body = new FullDisk();
        IOException full = await Assert.ThrowsAsync<IOException>(() => Form.ReceiveAsync(context, [Field.Image], new Models(options), options.Value));
        Assert.Contains("/folder/of/the/server", full.Message, StringComparison.Ordinal); // for the log, not for an answer
    }

    /// <summary>Fails as the temporary file of an upload does.</summary>
    private sealed class FullDisk : MemoryStream
    {
        private const int NoSpace = 28;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            => throw new IOException("No space left on device : '/folder/of/the/server'", NoSpace);
    }
}
