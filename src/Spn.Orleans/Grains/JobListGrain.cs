using Orleans;
using Orleans.Runtime;

namespace Spn.Orleans.Grains;

/// <summary>The jobs that run, in the order in which they were submitted. Silos that start find their work here.</summary>
[Alias("spn.job-list-grain")]
internal interface IJobListGrain : IGrainWithIntegerKey
{
    [Alias("get")]
    Task<IReadOnlyList<string>> GetAsync();

    [Alias("add")]
    Task AddAsync(string folder);

    [Alias("remove")]
    Task RemoveAsync(string folder);
}

/// <summary>What is stored of the list.</summary>
[GenerateSerializer, Alias("spn.job-list-state")]
internal sealed class JobListState
{
    [Id(0)]
    public List<string> Folders { get; set; } = [];
}

/// <inheritdoc cref="IJobListGrain"/>
internal sealed class JobListGrain(
    [PersistentState("jobs", RefineJobs.GrainStorageName)] IPersistentState<JobListState> state) : Grain, IJobListGrain
{
    /// <summary>There is one list.</summary>
    public const long Key = 0;

    private List<string> Folders => state.State.Folders;

    public Task<IReadOnlyList<string>> GetAsync() => Task.FromResult<IReadOnlyList<string>>([.. Folders]);

    public async Task AddAsync(string folder)
    {
        if (Folders.Contains(folder))
            return;
        Folders.Add(folder);
        await SaveAsync(() => Folders.Remove(folder));
    }

    public async Task RemoveAsync(string folder)
    {
        int index = Folders.IndexOf(folder);
        if (index < 0)
            return;
        Folders.RemoveAt(index);
        await SaveAsync(() => Folders.Insert(index, folder));
    }

    private async Task SaveAsync(Action undo)
    {
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            undo(); // so that a repeated call saves again
            throw;
        }
    }
}
