using Spn.Orleans.Jobs;

namespace Spn.Orleans.Refinement;

/// <summary>Refines the items of a silo, a bounded number at a time. Thread-safe.</summary>
internal interface IItemRefiner
{
    /// <summary>Refines an item, or finds its output. What is wrong with its files is a result.</summary>
    /// <exception cref="JobProblemException">This silo cannot refine any item of the job now.</exception>
    /// <exception cref="OutOfMemoryException">There is too little memory for this item and those that are refined now.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled. The output is complete or as it was before.</exception>
    Task<ItemResult> RefineAsync(Job job, ManifestItem item, CancellationToken cancellation);
}

/// <summary>Why a silo cannot work on a job. The items are not to blame.</summary>
internal sealed class JobProblemException(string message, Exception? inner = null) : Exception(message, inner);
